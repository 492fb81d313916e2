"""R3GAN's networks: the paper's sizes, and how they begin."""

from functools import partial
from math import sqrt

import pytest
import torch
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    ImageOnly,
    InnerProductHead,
    LinearHead,
    NoiseAndCondition,
    NoiseOnly,
    NoNorm,
    OneHot,
    R3GANDiscriminator,
    R3GANGenerator,
)
from gan_lightning.networks.r3gan import _Block

Plain = partial(LinearHead, bias=False)


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(
    ("resolution", "classes", "of_generator", "of_discriminator"),
    [
        (32, 0, 20_732_160, 20_683_776),
        (32, 10, 20_781_952, 21_280_512),
        (256, 0, 23_057_952, 23_009_568),  # the authors: 23.06 and 23.01 million
    ],
)
def test_the_papers_networks_have_their_sizes(resolution, classes, of_generator, of_discriminator) -> None:
    with torch.device("meta"):
        embedder = {"embedder": OneHot(classes)} if classes else {}
        latent = partial(NoiseAndCondition, embedding_dim=64) if classes else NoiseOnly
        generator = R3GANGenerator(3, resolution, latent, **embedder)
        head = InnerProductHead if classes else Plain
        discriminator = R3GANDiscriminator(3, resolution, NoNorm(), ImageOnly, head, **embedder)
    assert (count(generator), count(discriminator)) == (of_generator, of_discriminator)


def test_a_block_begins_as_the_identity_and_with_small_weights() -> None:
    torch.manual_seed(0)
    block, x = _Block(64, 16, blocks=8, norm=NoNorm()), torch.randn(2, 64, 4, 4)
    assert torch.equal(block(x), x)
    widen, grouped = block.layers[0], block.layers[3]
    assert widen.weight.std().item() * sqrt(64) == pytest.approx(0.8246, rel=0.05)
    assert grouped.weight.std().item() * sqrt(16 * 9) == pytest.approx(0.8246, rel=0.05)
    assert grouped.groups == 128 // 16


@pytest.mark.parametrize(("resolution", "channels"), [(16, 1), (64, 3), (128, 4)])
def test_images_of_every_size_and_number_of_channels(resolution: int, channels: int) -> None:
    generator = R3GANGenerator(channels, resolution, NoiseOnly, width=8)
    discriminator = R3GANDiscriminator(channels, resolution, NoNorm(), ImageOnly, Plain, width=8)
    label = torch.zeros(2, dtype=torch.long)
    image = generator(torch.randn(2, 64), label)
    assert image.shape == (2, channels, resolution, resolution)
    verdict = discriminator(image, label)
    assert (verdict.logits.shape, verdict.features.shape) == ((2, 1), (2, 8))


def test_every_parameter_learns_once_the_last_convolutions_are_not_zero() -> None:
    embedder, label = OneHot(3), torch.tensor([0, 1, 2])
    generator = R3GANGenerator(3, 16, NoiseAndCondition, width=8, embedder=embedder)
    discriminator = R3GANDiscriminator(3, 16, NoNorm(), ImageOnly, InnerProductHead, width=8, embedder=embedder)
    for block in (*generator.modules(), *discriminator.modules()):
        if isinstance(block, _Block):
            nn.init.normal_(block.layers[-1].weight)
    discriminator(generator(torch.randn(3, 64), label), label).logits.sum().backward()
    for name, parameter in (*generator.named_parameters(), *discriminator.named_parameters()):
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_the_inner_product_is_all_that_the_head_says() -> None:
    head = InnerProductHead(2, NoNorm(), 3)
    with torch.no_grad():
        head.linear.weight.copy_(torch.tensor([[1.0, 2.0], [0.0, 1.0]]))
        head.embedding.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    logits = head(torch.tensor([[1.0, 3.0]] * 3), torch.eye(3))  # the linear function is (7, 3)
    assert logits.tolist() == [[7.0], [3.0], [10.0]]


def test_a_width_that_the_groups_do_not_divide_is_refused() -> None:
    with pytest.raises(SettingError, match=r"network\.width: a block of 12 channels has 24 hidden ones.*group=16"):
        R3GANGenerator(3, 32, NoiseOnly, width=12)
