"""BEGAN's networks written plainly, and their size."""

import itertools

import pytest
import torch
from formulas import count, draw
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks import BEGANDiscriminator, BEGANGenerator, ImageOnly, NoiseOnly, NoNorm


def decoded(layers: nn.Sequential, code: Tensor) -> Tensor:
    """Figure 1, right, for 16 pixels: two convolutions at 8x8, two at 16x16, and one to the channels."""
    linear, *two, third, fourth, last = (part for part in layers if isinstance(part, nn.Linear | nn.Conv2d))
    x = F.linear(code, linear.weight, linear.bias).view(len(code), -1, 8, 8)
    for layer in two:
        x = F.elu(F.conv2d(x, layer.weight, layer.bias, padding=1))
    x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    for layer in (third, fourth):
        x = F.elu(F.conv2d(x, layer.weight, layer.bias, padding=1))
    return F.conv2d(x, last.weight, last.bias, padding=1)


def test_the_generator_is_the_decoder_and_its_images_have_no_bounds() -> None:
    generator = BEGANGenerator(3, 16, NoiseOnly, width=4, latent_dim=5)
    z = 1000 * draw(2, 5)
    image = generator(z, torch.zeros(2))
    torch.testing.assert_close(image, decoded(generator.layers, z), rtol=1e-4, atol=1e-4)
    assert image.abs().max() > 1
    assert not generator.bounded


def test_the_logit_is_minus_the_mean_absolute_error_of_the_reconstruction() -> None:
    critic = BEGANDiscriminator(3, 16, NoNorm(), ImageOnly, width=4, code=6)
    image = draw(2, 3, 16, 16)
    verdict = critic(image, torch.zeros(2))
    assert verdict.features.shape == (2, critic.feature_dim) == (2, 6)
    error = (decoded(critic.decoder, verdict.features) - image).abs().flatten(1).mean(1)
    torch.testing.assert_close(verdict.score, -error)


@pytest.mark.parametrize(("resolution", "stages"), [(16, 2), (32, 3), (64, 4)])
def test_the_encoder_widens_by_as_many_channels_with_each_halving(resolution: int, stages: int) -> None:
    def conv(a: int, b: int) -> int:
        return 9 * a * b + b

    n, code = 4, 6
    critic = BEGANDiscriminator(3, resolution, NoNorm(), ImageOnly, width=n, code=code)
    widths = [n, *(n * stage for stage in range(1, stages + 1))]
    encoder = conv(3, n) + sum(conv(a, b) + conv(b, b) for a, b in itertools.pairwise(widths))
    encoder += sum(conv(b, b) for b in widths[1:-1]) + (64 * widths[-1] + 1) * code
    decoder = (code + 1) * 64 * n + 2 * stages * conv(n, n) + conv(n, 3)
    assert count(critic.encoder) == encoder
    assert count(critic.decoder) == decoder


@pytest.mark.parametrize("width", [16, 64])
def test_signals_pass_through_both_networks_from_the_start(width: int) -> None:
    """They have no norms, so weights decide whether images depend on noise, and reconstructions on images."""
    blocks = (2 * torch.rand(64, 3, 4, 4) - 1).repeat_interleave(8, 2).repeat_interleave(8, 3)
    generator = BEGANGenerator(3, 32, NoiseOnly, width=width)
    critic = BEGANDiscriminator(3, 32, NoNorm(), ImageOnly, width=width)
    with torch.no_grad():
        image = generator(2 * torch.rand(64, 64) - 1, torch.zeros(64))
        reconstruction = critic.decoder(critic.encoder(blocks))
    assert image.std(0).mean() > 0.05
    assert reconstruction.std(0).mean() > 0.01
