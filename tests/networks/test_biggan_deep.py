"""The shortcuts of BigGAN-deep's blocks, which have no weights for channels that both maps have."""

from typing import Any

import torch
from formulas import draw
from torch import nn
from torch.nn import functional as F

from gan_lightning.networks import NoNorm
from gan_lightning.networks.biggan_deep import BottleneckDown, BottleneckUp
from gan_lightning.networks.layers.conditioning import GeneratorBatchNorm
from gan_lightning.networks.layers.weighted import Layers


def zeroed(layer: Any) -> None:
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


def test_a_deep_discriminators_shortcut_keeps_the_pooled_channels_and_adds_new_ones_behind() -> None:
    torch.manual_seed(0)
    block = BottleneckDown(4, 12, NoNorm(), Layers(), halves=True)
    zeroed(block.conv4)
    x = draw(2, 4, 6, 6)
    pooled, made = F.avg_pool2d(x, 2), block(x)
    assert torch.equal(made[:, :4], pooled)
    torch.testing.assert_close(made[:, 4:], block.shortcut(pooled))
    plain = BottleneckDown(4, 4, NoNorm(), Layers(), halves=False)
    zeroed(plain.conv4)
    assert torch.equal(plain(x), x)


def test_a_deep_generators_shortcut_drops_the_last_channels() -> None:
    torch.manual_seed(0)
    block = BottleneckUp(8, 4, 0, GeneratorBatchNorm, Layers(), doubles=True)
    zeroed(block.conv4)
    x = draw(2, 8, 3, 3)
    assert torch.equal(block(x, torch.empty(2, 0)), x[:, :4].repeat_interleave(2, 2).repeat_interleave(2, 3))
