"""Blocks of translators that keep the size, against their formula."""

import pytest
import torch
from formulas import draw, relu, standardised
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks import BatchNorm, InstanceNorm, NoNorm
from gan_lightning.networks.layers.residual_block import ResidualBlock


def doubled(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d):
        nn.init.normal_(layer.weight, 0, 2.0)


@pytest.mark.parametrize("norm", [InstanceNorm(), BatchNorm(), NoNorm()], ids=lambda norm: type(norm).__name__)
def test_a_block_adds_two_padded_convolutions(norm: NoNorm | InstanceNorm | BatchNorm) -> None:
    torch.manual_seed(0)
    block = ResidualBlock(4, norm, nn.ReflectionPad2d, doubled)
    first, second = (layer for layer in block.residual if isinstance(layer, nn.Conv2d))
    assert first.weight.std().item() == pytest.approx(2, rel=0.2)

    def convolved(x: Tensor, layer: nn.Conv2d) -> Tensor:
        x = F.conv2d(F.pad(x, (1,) * 4, mode="reflect"), layer.weight, layer.bias)
        over = {InstanceNorm: (2, 3), BatchNorm: (0, 2, 3)}.get(type(norm))
        return standardised(x, over) if over else x

    x = draw(2, 4, 6, 5)
    torch.testing.assert_close(block(x), x + convolved(relu(convolved(x, first)), second), rtol=1e-4, atol=1e-3)
    assert (first.bias is None) == norm.affine


def test_dropout_acts_between_the_convolutions_and_in_training_only() -> None:
    block = ResidualBlock(4, NoNorm(), nn.ZeroPad2d, lambda layer: None, dropout=1.0)
    last = [layer for layer in block.residual if isinstance(layer, nn.Conv2d)][-1]
    x = draw(2, 4, 6, 5)
    torch.testing.assert_close(block(x), x + last.bias[:, None, None])  # nothing reaches the second convolution
    assert not torch.allclose(block.eval()(x), x + last.bias[:, None, None], atol=1e-3)
