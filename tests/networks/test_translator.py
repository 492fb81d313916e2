"""CycleGAN's translator: layer by layer against the authors', and where dropout acts."""

import pytest
import torch
from formulas import count
from torch import nn
from translation_formulas import layers_of, size_of

from gan_lightning.networks import InstanceNorm, ResNetTranslator


def test_resnet_translator_has_the_layers_of_the_authors_network() -> None:
    with torch.device("meta"):
        network = ResNetTranslator(3, 3, (256, 256), InstanceNorm())
    layers = [
        ("down", 3, 64, 7, 1, True),
        ("down", 64, 128, 3, 2, True),
        ("down", 128, 256, 3, 2, True),
        *[("down", 256, 256, 3, 1, True)] * 18,
        ("up", 256, 128, 3, 2, True),
        ("up", 128, 64, 3, 2, True),
        ("down", 64, 3, 7, 1, True),
    ]
    assert layers_of(network) == layers
    norms = [64, 128, 256, *[256] * 18, 128, 64]
    assert [m.num_features for m in network.modules() if isinstance(m, nn.InstanceNorm2d)] == norms
    assert count(network) == size_of(layers) == 11_378_179


@pytest.mark.parametrize(("dropout", "expected"), [(0.0, []), (0.5, [0.5] * 4)])
def test_resnet_translators_dropout_stands_once_in_every_block(dropout: float, expected: list[float]) -> None:
    network = ResNetTranslator(3, 3, (8, 8), InstanceNorm(), width=1, blocks=4, dropout=dropout)
    assert [m.p for m in network.modules() if isinstance(m, nn.Dropout)] == expected
    blocks = [m.residual for m in network.modules() if hasattr(m, "residual")]
    kinds = [[type(m).__name__ for m in block] for block in blocks]
    convolution = ["ReflectionPad2d", "Conv2d", "InstanceNorm2d"]
    assert kinds == [[*convolution, "ReLU", *["Dropout"] * bool(dropout), *convolution]] * 4
