"""Filters against slow loops, against bilinear resizing, and against StyleGAN's way of writing them."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.networks.layers.resampling import Blur, Downsample, Upsample


def noise(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


def filtered(image: np.ndarray, taps: tuple[int, ...], before: int, gain: float = 1.0) -> np.ndarray:
    """Correlation of (H, W) with the outer product of the taps, in loops, with `before` zeros on the upper left."""
    n, (height, width) = len(taps), image.shape
    wide = np.zeros((height + 2 * n, width + 2 * n))
    wide[before : before + height, before : before + width] = image
    kernel = gain * np.outer(taps, taps) / sum(taps) ** 2
    return np.array([[(wide[i : i + n, j : j + n] * kernel).sum() for j in range(width)] for i in range(height)])


def each(x: Tensor, function) -> np.ndarray:
    return np.array([[function(channel) for channel in image] for image in x.numpy()])


@pytest.mark.parametrize("taps", [(1, 3, 3, 1), (1, 1), (1, 5, 10, 10, 5, 1)])
def test_resizing_is_filtering_between_zeros_and_every_other_pixel(taps: tuple[int, ...]) -> None:
    x, n = noise(2, 3, 6, 8), len(taps)

    def up(channel: np.ndarray) -> np.ndarray:
        spread = np.zeros((2 * channel.shape[0], 2 * channel.shape[1]))
        spread[::2, ::2] = channel
        return filtered(spread, taps, n // 2, gain=4)

    np.testing.assert_allclose(Upsample(taps).double()(x), each(x, up), atol=1e-12)
    down = each(x, lambda channel: filtered(channel, taps, n // 2 - 1)[::2, ::2])
    np.testing.assert_allclose(Downsample(taps).double()(x), down, atol=1e-12)


def test_upsampling_is_bilinear_but_for_the_border() -> None:
    x = noise(2, 3, 7, 5)
    bilinear = F.interpolate(x, scale_factor=2.0, mode="bilinear")
    torch.testing.assert_close(Upsample().double()(x)[:, :, 1:-1, 1:-1], bilinear[:, :, 1:-1, 1:-1])


def test_stylegan_resizes_to_nearest_pixels_and_blurs() -> None:
    x, blur = noise(2, 3, 8, 6), Blur().double()
    torch.testing.assert_close(blur(F.interpolate(x, scale_factor=2.0)), Upsample().double()(x))
    torch.testing.assert_close(F.avg_pool2d(blur(x), 2), Downsample().double()(x))
    np.testing.assert_allclose(blur(x), each(x, lambda channel: filtered(channel, (1, 2, 1), 1)), atol=1e-12)


@pytest.mark.parametrize("layer", [Blur(), Upsample(), Downsample()], ids=lambda layer: type(layer).__name__)
def test_constant_maps_stay_and_channels_do_not_mix(layer: torch.nn.Module) -> None:
    x = torch.tensor([1.0, -3.0]).view(1, 2, 1, 1).expand(1, 2, 8, 8)
    torch.testing.assert_close(layer(x)[:, :, 1:-1, 1:-1].amax((2, 3)), torch.tensor([[1.0, -3.0]]))


@pytest.mark.parametrize("layer", [Blur(), Upsample(), Downsample()], ids=lambda layer: type(layer).__name__)
def test_gradients_of_both_orders_and_other_formats(layer: torch.nn.Module) -> None:
    x = noise(1, 2, 4, 4).requires_grad_()
    double = type(layer)().double()
    assert torch.autograd.gradcheck(double, x)
    assert torch.autograd.gradgradcheck(double, x)
    x = noise(2, 3, 8, 8, dtype=torch.float32)
    torch.testing.assert_close(layer(x.contiguous(memory_format=torch.channels_last)), layer(x))
    with torch.autocast("cpu", torch.bfloat16):
        low = layer(x)
    assert low.dtype == torch.bfloat16
    torch.testing.assert_close(low.float(), layer(x), atol=0.05, rtol=0.05)


def test_filters_are_no_part_of_checkpoints() -> None:
    assert not Upsample().state_dict()
