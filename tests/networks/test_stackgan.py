"""StackGAN's networks against the authors' numbers of parameters and their layers written plainly."""

from functools import partial

import pytest
import torch
from torch.nn import functional as F

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    BatchNorm,
    ConditioningAugmentation,
    GeneratorBatchNorm,
    ImageOnly,
    ReplicatedConditionHead,
    StackGANDiscriminator,
    StackGANGenerator,
    Stages,
    Vector,
)


def generator(resolution=32, width=4, captions=5, embedding_dim=3, **more):
    latent = partial(ConditioningAugmentation, embedding_dim=embedding_dim)
    sizes = {"scale": 2, "latent_dim": 7, "second_latent_dim": embedding_dim, "halvings": 1, **more}
    return StackGANGenerator(
        3, resolution, latent, GeneratorBatchNorm, Stages(), width=width, embedder=Vector(captions), **sizes
    )


def discriminator(resolution=32, width=4, captions=5, scale=2, head=None):
    head = head or partial(ReplicatedConditionHead, embedding_dim=3, channels=8)
    return StackGANDiscriminator(
        3, resolution, BatchNorm(), ImageOnly, head, Stages(), scale, width, embedder=Vector(captions)
    )


def refine(network):
    network.stages.follow(1.0)
    return network


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_sizes_are_those_of_the_authors_networks_for_birds():
    """In millions: 10.30 and 16.85 of the generators, 5.72 and 71.3 of the discriminators. The authors normalise the
    first map number by number instead of channel by channel, give D the caption's mean as it is, and give the second D
    a further logit."""
    with torch.device("meta"):
        made = generator(256, 64, 1024, 128, scale=4, latent_dim=228, halvings=2)
        critic = discriminator(256, 64, 1024, scale=4)
    assert round((parameters(made.first) + 2 * (1024 * 16 - 1024)) / 1e6, 2) == 10.30
    assert round(parameters(made.second) / 1e6, 2) == 16.85
    logits = (512 + 128) * 512 * 9 + 2 * 512 + 512 * 16 + 1
    further = 512 * 16 + 1
    assert round((parameters(critic.first.layers) + logits) / 1e6, 2) == 5.72
    assert round((parameters(critic.second.layers) + logits + further) / 1e6, 1) == 71.3


def normed(x, layer):
    return F.relu(F.batch_norm(x, None, None, layer.norm.weight, layer.norm.bias, training=True))


def doubled(x):
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def drawn(c, z, describe):
    mean, log_deviation = F.leaky_relu(describe[0](c), 0.2).chunk(2, 1)
    return mean + log_deviation.exp() * z


def test_both_stages_are_the_authors():
    network = generator().double()
    z, c = torch.randn(3, 10).double(), torch.randn(3, 5).double()
    first, second = network.first, network.second
    x = first.start(torch.cat([z[:, :4], drawn(c, z[:, 4:7], first.latent.describe)], 1)).view(3, 16, 4, 4)
    x = normed(x, first.norm)
    for block in first.larger:
        x = normed(F.conv2d(doubled(x), block.layer[1].weight, padding=1), block.norm)
    small = torch.tanh(F.conv2d(x, first.to_image.weight, padding=1))
    torch.testing.assert_close(network(z, c), small)

    x = F.relu(F.conv2d(small, second.read.weight, second.read.bias, padding=1))
    for block in second.smaller:
        x = normed(F.conv2d(x, block.layer.weight, stride=2, padding=1), block.norm)
    planes = drawn(c, z[:, 7:], second.latent.describe).view(3, 3, 1, 1).repeat(1, 1, 8, 8)
    x = normed(F.conv2d(torch.cat([x, planes], 1), second.join.layer[0].weight, padding=1), second.join.norm)
    for block in second.blocks:
        h = normed(F.conv2d(x, block.enter.layer[0].weight, padding=1), block.enter.norm)
        h = F.conv2d(h, block.leave.weight, padding=1)
        x = F.relu(x + F.batch_norm(h, None, None, block.norm.norm.weight, block.norm.norm.bias, training=True))
    for block in second.larger:
        x = normed(F.conv2d(doubled(x), block.layer[1].weight, padding=1), block.norm)
    large = torch.tanh(F.conv2d(x, second.to_image.weight, padding=1))
    assert large.shape == (3, 3, 32, 32)
    torch.testing.assert_close(refine(network)(z, c), large)


def test_the_first_stage_is_frozen_while_the_second_one_learns():
    network = generator()
    z, c = torch.randn(3, 10), torch.randn(3, 5)
    network(z, c).square().mean().backward()
    assert all((p.grad is not None) == name.startswith("first.") for name, p in network.named_parameters())
    network.zero_grad()
    refine(network)(z, c).square().mean().backward()
    assert all((p.grad is not None) == name.startswith("second.") for name, p in network.named_parameters())


def test_each_stage_has_its_own_noise_and_its_own_distribution():
    network = generator().eval()
    z, c = torch.randn(2, 10), torch.randn(2, 5)
    other = torch.cat([z[:, :7], torch.randn(2, 3)], 1)
    assert torch.equal(network(z, c), network(other, c))
    of_first = network.gaussian(c)
    torch.testing.assert_close(torch.cat(of_first, 1), F.leaky_relu(network.first.latent.describe[0](c), 0.2))
    refine(network)
    assert not torch.equal(network(z, c), network(other, c))
    torch.testing.assert_close(torch.cat(network.gaussian(c), 1), network.second.latent.describe(c))


def test_samples_always_have_the_full_size_and_real_images_that_of_the_stage():
    network = generator().eval()
    z, c, real = torch.randn(2, 10), torch.randn(2, 5), torch.rand(2, 3, 32, 32)
    assert torch.equal(network.synthesise(z, c), doubled(network(z, c)))
    torch.testing.assert_close(network.counterparts(real), F.avg_pool2d(real, 2))
    refine(network)
    assert torch.equal(network.synthesise(z, c), network(z, c))
    assert network.counterparts(real) is real


def test_each_stage_has_its_own_discriminator_with_as_many_features():
    network = discriminator().eval()
    image, c = torch.randn(2, 3, 32, 32), torch.randn(2, 5)
    small = F.avg_pool2d(image, 2)
    verdict = network(small, c)
    torch.testing.assert_close(verdict.features, network.first.layers(small).flatten(1))
    torch.testing.assert_close(network(image, c).logits, verdict.logits)
    large = refine(network)(image, c)
    torch.testing.assert_close(large.features, network.second.layers(image).flatten(1))
    assert large.features.shape == verdict.features.shape == (2, network.feature_dim)


def test_a_first_picture_that_would_become_too_small_is_refused():
    with pytest.raises(SettingError, match=r"network.generator.halvings=3: at least 4 of the 16 pixels .* at most 2"):
        generator(halvings=3)
