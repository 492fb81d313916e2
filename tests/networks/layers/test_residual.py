"""Residual blocks: a shortcut adds the map that the block was given."""

from collections.abc import Callable

import pytest
import torch
from formulas import draw
from torch import nn

from gan_lightning.networks import NoNorm
from gan_lightning.networks.biggan_deep import BottleneckDown, BottleneckUp
from gan_lightning.networks.layers.conditioning import GeneratorBatchNorm
from gan_lightning.networks.layers.residual import DownBlock, FirstBlock, PlainBlock, UpBlock
from gan_lightning.networks.layers.weighted import Layers


@pytest.mark.parametrize(
    "make",
    [
        lambda: UpBlock(4, 4, 0, GeneratorBatchNorm, Layers()),
        lambda: FirstBlock(4, 4, Layers()),
        lambda: PlainBlock(4, 4, 4, NoNorm(), Layers()),
        lambda: DownBlock(4, 6, 6, NoNorm(), Layers()),
        lambda: BottleneckUp(8, 4, 0, GeneratorBatchNorm, Layers(), doubles=True),
        lambda: BottleneckDown(4, 8, NoNorm(), Layers(), halves=True),
    ],
    ids=["up", "first", "plain", "down", "deep up", "deep down"],
)
def test_no_relu_changes_what_the_shortcut_adds(make: Callable[[], nn.Module]) -> None:
    torch.manual_seed(0)
    block = make()
    x = draw(2, 8 if isinstance(block, BottleneckUp) else 4, 4, 4)
    given = x.clone()
    block(x, torch.empty(2, 0)) if isinstance(block, UpBlock | BottleneckUp) else block(x)
    assert torch.equal(x, given)
    assert not any(getattr(module, "inplace", False) for module in block.modules())
