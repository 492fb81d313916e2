"""SNGAN's networks: the layers of the port, and how wide a block is inside."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from formulas import count

from gan_lightning.errors import SettingError
from gan_lightning.networks import SNGANGenerator


def test_sngans_plain_networks_have_the_layers_of_the_port(build: Callable[..., Any]) -> None:
    def conv(a: int, b: int, kernel: int) -> int:
        return a * b * kernel**2 + b

    doubling = [(512, 256), (256, 128), (128, 64)]
    norms = 2 * (512 + 256 + 128 + 64)
    of_generator = (128 + 1) * 512 * 16 + sum(conv(a, b, 4) for a, b in doubling) + norms + conv(64, 3, 3)
    halving = [(64, 128), (128, 256), (256, 512)]
    of_discriminator = conv(3, 64, 3) + sum(conv(a, b, 4) + conv(b, b, 3) for a, b in halving) + 512 * 16 + 1
    with torch.device("meta"):
        generator, discriminator = build("model=sngan", "network=sngan_cnn", "network.width=64", side=32)
    assert (count(generator), count(discriminator)) == (of_generator, of_discriminator)
    with pytest.raises(SettingError, match=r"dataset.resolution=20: an SNGAN generator that changes size 3 times"):
        SNGANGenerator(3, 20, None, None)


def test_a_wide_block_has_the_channels_that_it_makes_between_its_convolutions(build: Callable[..., Any]) -> None:
    for recipe, expected in (("model=sngan", [2, 4, 8, 16]), ("model=sagan", [4, 8, 16, 32])):
        _, discriminator = build(recipe, "network.width=2", side=64)
        hidden = [getattr(block, "block", block).conv1.out_channels for block in discriminator.blocks[1:]]
        assert hidden == expected
