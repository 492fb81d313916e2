"""Networks that grow: the paper's sizes, and that a fade begins and ends where it should."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from gan_lightning.networks import (
    EqualisedRate,
    Growth,
    ImageOnly,
    LinearHead,
    NoiseOnly,
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    StandardDeviationChannel,
)

Critic = partial(
    ProgressiveDiscriminator,
    norm=EqualisedRate(),
    image=ImageOnly,
    head=LinearHead,
    deviation=StandardDeviationChannel(4),
)
LABEL = torch.zeros(4, dtype=torch.long)


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def pair(depth: float = 0.0, channels: int = 3) -> tuple[ProgressiveGenerator, ProgressiveDiscriminator]:
    """Small networks for 16 pixels, the same ones at every depth."""
    torch.manual_seed(0)
    generator = ProgressiveGenerator(channels, Growth(16), NoiseOnly, width=8, latent_dim=8)
    critic = Critic(channels, Growth(16), width=8)
    at(depth, generator, critic)
    return generator, critic


def at(depth: float, *networks: nn.Module) -> None:
    for network in networks:
        network.growth.depth.fill_(depth)
        network.growth._take(depth)


@pytest.mark.parametrize(
    ("resolution", "of_generator", "of_discriminator"),
    [(1024, 23_079_115, 23_087_249), (32, 20_719_628, 20_726_785)],
)
def test_the_papers_networks_have_their_sizes(resolution: int, of_generator: int, of_discriminator: int) -> None:
    growth = Growth(resolution)  # whose depth is read
    with torch.device("meta"):
        generator = ProgressiveGenerator(3, growth, NoiseOnly)
        critic = Critic(3, growth)
    assert (count(generator), count(critic)) == (of_generator, of_discriminator)


@pytest.mark.parametrize("level", [0, 1])
def test_a_fade_begins_with_the_smaller_network_and_ends_with_the_larger_one(level: int) -> None:
    generator, critic = pair()
    z, real = torch.randn(4, 8), torch.rand(4, 3, 16, 16)

    def made(depth: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        at(depth, generator, critic)
        return generator.synthesise(z, LABEL), critic(real, LABEL).logits, generator.counterparts(real)

    before, begun, ending, after = (made(level + step) for step in (0.0, 1e-6, 1 - 1e-6, 1.0))
    for small, nearly_small, nearly_large, large in zip(before, begun, ending, after, strict=True):
        scale = nearly_small.shape[-1] // small.shape[-1]
        if scale > 1:
            small = F.interpolate(small, scale_factor=float(scale))  # real images at the size of the larger network
        torch.testing.assert_close(nearly_small, small, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(nearly_large, large, rtol=1e-4, atol=1e-4)
        assert not torch.allclose(small, large, rtol=1e-2, atol=1e-2)


def test_real_images_are_as_coarse_as_generated_ones() -> None:
    generator, _ = pair()
    real = torch.rand(2, 3, 16, 16)
    boxes = F.avg_pool2d(real, 2)
    at(1.25, generator)
    coarse = F.interpolate(boxes, scale_factor=2.0)
    torch.testing.assert_close(generator.counterparts(real), 0.75 * coarse + 0.25 * real)
    at(1.0, generator)
    torch.testing.assert_close(generator.counterparts(real), boxes)


@pytest.mark.parametrize("depth", [0, 0.5, 1, 1.5, 2])
def test_samples_have_the_full_size_and_the_critic_takes_them(depth: float) -> None:
    generator, critic = pair(depth, channels=1)
    z = torch.randn(4, 8)
    made, sample = generator(z, LABEL), generator.synthesise(z, LABEL)
    assert made.shape[2] == generator.growth.side == {0: 4, 0.5: 8, 1: 8, 1.5: 16, 2: 16}[depth]
    assert sample.shape == (4, 1, 16, 16)
    torch.testing.assert_close(critic(sample, LABEL).logits, critic(made, LABEL).logits)


def test_a_loaded_network_has_the_size_that_was_saved() -> None:
    generator, _ = pair(1.5)
    loaded, _ = pair(0.0)
    loaded.load_state_dict(generator.state_dict())
    assert (loaded.growth.level, loaded.growth.fading, loaded.growth.phase) == (1, True, 3)
