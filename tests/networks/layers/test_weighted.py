"""Layers with weights: their size, their start, and the norm that wraps what was drawn."""

import pytest
import torch
from formulas import draw
from torch import Tensor, nn

from gan_lightning.networks import Orthogonal, SpectralNorm
from gan_lightning.networks.layers.initialisation import Initialisation
from gan_lightning.networks.layers.weighted import Layers


class Filled(Initialisation):
    """The gain itself as every weight."""

    def __call__(self, weight: Tensor, gain: float) -> None:
        nn.init.constant_(weight, gain)


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_a_convolution_keeps_the_size_and_sums_its_window_times_the_gain(kernel: int) -> None:
    layer = Layers(initialise=Filled()).conv(2, 3, kernel, gain=0.5)
    x = draw(2, 2, 7, 9)
    margin = kernel // 2
    padded = nn.functional.pad(x.sum(1), (margin,) * 4)
    expected = 0.5 * padded.unfold(1, kernel, 1).unfold(2, kernel, 1).sum((-1, -2))
    torch.testing.assert_close(layer(x), expected[:, None].expand(-1, 3, -1, -1))
    assert (layer.bias == 0).all()


def test_a_linear_layer_starts_with_a_gain_of_one_and_may_have_no_bias() -> None:
    layers = Layers(initialise=Filled())
    assert (layers.linear(4, 3).weight == 1).all()
    assert (layers.linear(4, 3).bias == 0).all()
    assert layers.linear(4, 3, bias=False).bias is None
    assert layers.conv(4, 3, 1, bias=False).bias is None


def test_spectral_norm_divides_by_the_norm_of_the_weights_that_were_drawn() -> None:
    """Orthonormal filters have the norm one, so that they stay as they are."""
    layer = Layers(SpectralNorm(), Orthogonal()).conv(8, 4, 3)
    drawn = layer.parametrizations.weight.original
    torch.testing.assert_close(layer.weight, drawn, rtol=1e-4, atol=1e-5)
