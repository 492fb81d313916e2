"""Normalisation of weights and of activations, each against its formula."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch import nn

from gan_lightning.networks import BatchNorm, InstanceNorm, LayerNorm, NoNorm, Norm, SpectralNorm


@pytest.mark.parametrize(
    ("norm", "axes"), [(LayerNorm(), (1, 2, 3)), (BatchNorm(), (0, 2, 3))], ids=["per image", "per channel"]
)
def test_activations_are_standardised_then_scaled_per_channel(norm: Norm, axes: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    layer = norm.activation(3)
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    x = 3 * torch.randn(4, 3, 5, 5) + torch.arange(4)[:, None, None, None] + torch.arange(3)[:, None, None]
    array = x.double().numpy()
    mean, variance = (f(array, axis=axes, keepdims=True) for f in (np.mean, np.var))
    gain, bias = (p.detach().numpy()[:, None, None] for p in (layer.weight, layer.bias))
    expected = (array - mean) / np.sqrt(variance + 1e-5) * gain + bias
    np.testing.assert_allclose(layer(x).detach(), expected, atol=1e-5)


def test_instance_norm_standardises_each_channel_of_each_image_and_keeps_nothing() -> None:
    layer = InstanceNorm().activation(3)
    assert not list(layer.parameters())
    assert not list(layer.buffers())
    x = torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    x = 3 * x + torch.arange(4)[:, None, None, None] + torch.arange(3)[:, None, None]
    array = x.double().numpy()
    mean, variance = (f(array, axis=(2, 3), keepdims=True) for f in (np.mean, np.var))
    trained = layer(x)
    np.testing.assert_allclose(trained, (array - mean) / np.sqrt(variance + 1e-5), atol=1e-5)
    assert torch.equal(layer.eval()(x), trained)


NORMS = [NoNorm(), BatchNorm(), InstanceNorm(), LayerNorm(), SpectralNorm()]


@pytest.mark.parametrize("norm", NORMS, ids=lambda norm: type(norm).__name__)
def test_a_norm_knows_whether_it_shifts_and_how_many_pixels_it_needs(norm: Norm) -> None:
    layer = norm.activation(3)
    assert norm.affine == ("bias" in dict(layer.named_parameters()))
    with nullcontext() if norm.pixels == 1 else pytest.raises(ValueError, match="more than 1 spatial element"):
        layer(torch.zeros(2, 3, 1, 1))
    layer(torch.zeros(2, 3, 1, norm.pixels))


@pytest.mark.parametrize("norm", [NoNorm(), SpectralNorm()], ids=["none", "spectral"])
def test_norms_of_weights_leave_activations_alone(norm: Norm) -> None:
    x = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(norm.activation(3)(x), x)


@pytest.mark.parametrize("norm", [NoNorm(), BatchNorm(), InstanceNorm(), LayerNorm()], ids=lambda n: type(n).__name__)
def test_norms_of_activations_leave_weights_alone(norm: Norm) -> None:
    layer = nn.Linear(3, 2)
    weight = layer.weight
    assert norm.weight(layer) is layer
    assert layer.weight is weight


def test_spectral_norm_divides_by_the_largest_singular_value() -> None:
    torch.manual_seed(0)
    convolution = nn.Conv2d(2, 4, 3)
    original = 5 * convolution.weight.detach().double().numpy()
    convolution.weight.data *= 5
    layer = SpectralNorm().weight(convolution)
    for _ in range(100):
        layer(torch.zeros(1, 2, 3, 3))
    layer.eval()
    largest = np.linalg.svd(original.reshape(4, -1), compute_uv=False)[0]
    np.testing.assert_allclose(layer.weight.detach(), original / largest, rtol=1e-4)


def test_spectral_norm_is_frozen_in_evaluation() -> None:
    torch.manual_seed(0)
    layer = SpectralNorm().weight(nn.Linear(30, 20))
    x = torch.ones(1, 30)
    evaluated = layer.eval()(x)
    assert torch.equal(layer(x), evaluated)
    layer.train()(x)
    assert not torch.equal(layer.eval()(x), evaluated)
