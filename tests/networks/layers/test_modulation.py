"""Modulated convolutions against weights of every image's own, adaptive instance norm, noise inputs."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.networks.layers.modulation import AdaptiveInstanceNorm, ModulatedConvolution, NoiseInput
from gan_lightning.networks.layers.resampling import Upsample

STYLE = 5


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def layer(kernel: int = 3, up: bool = False, demodulate: bool = True) -> ModulatedConvolution:
    torch.manual_seed(0)
    return ModulatedConvolution(6, 4, kernel, STYLE, up, demodulate).double()


def own_weights(convolution: ModulatedConvolution, w: Tensor) -> Tensor:
    """The weights of every image (B, outputs, inputs, k, k), as equations 1 and 3 of the paper have them."""
    style = w @ convolution.style.weight.T + convolution.style.bias
    weights = convolution.convolution.weight[None] * style[:, None, :, None, None]
    if convolution.demodulate:
        weights = weights / (weights.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    return weights


@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize("kernel", [1, 3])
def test_scaling_maps_equals_one_convolution_for_each_image(kernel: int, demodulate: bool) -> None:
    x, w, convolution = noise(3, 6, 7, 5), noise(3, STYLE, seed=1), layer(kernel, demodulate=demodulate)
    weights = own_weights(convolution, w)
    loop = [F.conv2d(x[i : i + 1], weights[i], padding=kernel // 2) for i in range(3)]
    torch.testing.assert_close(convolution(x, w), torch.cat(loop))
    grouped = F.conv2d(x.flatten(0, 1)[None], weights.flatten(0, 1), padding=kernel // 2, groups=3)
    torch.testing.assert_close(convolution(x, w), grouped.view(3, 4, 7, 5))


def test_a_layer_that_doubles_the_size_is_upsampling_and_a_convolution_but_for_the_border() -> None:
    x, w, convolution = noise(2, 6, 6, 5), noise(2, STYLE, seed=1), layer(up=True)
    # A transposed convolution mirrors its kernel.
    weights = own_weights(convolution, w).flip(3, 4)
    larger = Upsample().double()(x)
    expected = torch.cat([F.conv2d(larger[i : i + 1], weights[i], padding=1) for i in range(2)])
    made = convolution(x, w)
    assert made.shape == (2, 4, 12, 10)
    torch.testing.assert_close(made[:, :, 2:-2, 2:-2], expected[:, :, 2:-2, 2:-2])


def test_a_longer_style_changes_a_demodulated_layer_not_at_all() -> None:
    x, w, convolution = noise(2, 6, 4, 4), noise(2, STYLE), layer()
    first = convolution(x, w)
    with torch.no_grad():
        for parameter in convolution.style.parameters():
            parameter.mul_(3)
    torch.testing.assert_close(convolution(x, w), first, rtol=1e-6, atol=1e-6)


def test_first_styles_are_about_one_and_demodulated_weights_have_length_one() -> None:
    convolution = layer()
    with torch.no_grad():
        convolution.style.parametrizations.weight.original.zero_()
    assert torch.equal(convolution.style(noise(2, STYLE)), torch.ones(2, 6, dtype=torch.float64))
    lengths = own_weights(convolution, noise(2, STYLE)).square().sum((2, 3, 4))
    torch.testing.assert_close(lengths, torch.ones_like(lengths))


def test_gradients_of_both_orders() -> None:
    x, w, convolution = noise(1, 6, 3, 3).requires_grad_(), noise(1, STYLE).requires_grad_(), layer(up=True)
    assert torch.autograd.gradcheck(convolution, (x, w))
    assert torch.autograd.gradgradcheck(convolution, (x, w))


def test_demodulation_is_precise_under_autocast() -> None:
    x, w, convolution = noise(2, 6, 4, 4).float(), noise(2, STYLE).float(), layer().float()
    with torch.autocast("cpu", torch.bfloat16):
        made = convolution(x, w)
    torch.testing.assert_close(made.float(), convolution(x, w), rtol=0.05, atol=0.05)


def test_adaptive_instance_norm_scales_and_shifts_what_instance_norm_gives() -> None:
    torch.manual_seed(0)
    adain = AdaptiveInstanceNorm(3, STYLE).double()
    x, w = 2 + 5 * noise(4, 3, 6, 6), noise(4, STYLE)
    plain = F.instance_norm(x, eps=1e-8)
    styles = (w @ adain.style.weight.T + adain.style.bias).detach().numpy()
    for image in range(4):
        for channel in range(3):
            expected = plain[image, channel].numpy() * (1 + styles[image, channel]) + styles[image, 3 + channel]
            np.testing.assert_allclose(adain(x, w)[image, channel].detach(), expected, rtol=1e-10, atol=1e-10)
    with torch.no_grad():
        adain.style.parametrizations.weight.original.zero_()
    torch.testing.assert_close(adain(x, w), plain)


@pytest.mark.parametrize("strengths", [1, 3])
def test_noise_has_no_effect_at_first_and_then_one_plane_for_all_channels(strengths: int) -> None:
    layer, x = NoiseInput(4, strengths, number=0).double(), noise(2, 3, 4, 4)
    assert torch.equal(layer(x), x)
    nn_strength = torch.arange(1, strengths + 1, dtype=torch.float64)
    with torch.no_grad():
        layer.strength.copy_(nn_strength)
    added = (layer(x) - x) / nn_strength[:, None, None]
    for channel in (1, 2):
        torch.testing.assert_close(added[:, channel], added[:, 0])
    assert not torch.allclose(added[0], added[1])
    assert not torch.allclose(layer(x), layer(x))


def test_noise_stays_in_evaluation_and_differs_between_layers() -> None:
    layers = [NoiseInput(8, 1, number).eval() for number in (0, 0, 1)]
    for layer in layers:
        torch.nn.init.ones_(layer.strength)
    x = noise(3, 2, 8, 8).float()
    same, again, other = (layer(x) - x for layer in layers)
    torch.testing.assert_close(same, again)
    torch.testing.assert_close(same[0], same[2])
    assert not torch.allclose(same, other)
    assert not layers[0].state_dict().keys() - {"strength"}
    assert same.std().item() == pytest.approx(1, abs=0.2)
