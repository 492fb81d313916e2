"""ESRGAN's generator: what a block adds."""

import torch
from torch import nn

from gan_lightning.networks.rrdb import RRDB


def test_a_block_that_adds_nothing_gives_1_2_times_its_map():
    block, x = RRDB(8, 4), torch.randn(2, 8, 5, 5)
    for dense in block.dense:
        nn.init.zeros_(dense.layers[-1].weight)
    torch.testing.assert_close(block(x), 1.2 * x)
    # What the last dense block adds arrives times 0.2 of its own and 0.2 of the block.
    nn.init.ones_(block.dense[2].layers[-1].bias)
    torch.testing.assert_close(block(x), 1.2 * x + 0.04)
