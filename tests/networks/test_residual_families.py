"""SNGAN, SAGAN, BigGAN and BigGAN-deep: sizes as published, conditions, and weights that are normalised."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from formulas import count, draw
from torch import nn

from gan_lightning.losses import OrthogonalRegularisation
from gan_lightning.networks.layers.embedding import Embedding

RECIPES = ["model=sngan", "model=sagan", "model=biggan", "model=biggan_deep"]


# --- published sizes ---

CIFAR10 = {"side": 32, "classes": 10}
IMAGENET = {"side": 128, "classes": 1000}
PUBLISHED: dict[str, tuple[list[str], dict[str, int], tuple[int, int]]] = {
    "sngan": (["experiment=sngan_cifar10"], CIFAR10, (4_276_739, 1_053_824)),
    "projection": (["experiment=sngan_cifar10", "conditioning=projection"], CIFAR10, (4_304_387, 1_055_104)),
    "sagan": (["experiment=sagan_imagenet128"], IMAGENET, (42_079_300, 39_463_842)),
    # As BigGAN's author has it: attention at 64 pixels, without biases.
    "sagan, BigGAN-PyTorch": (
        ["experiment=sagan_imagenet128", "network.attention.side=64", "network.attention.bias=false"],
        IMAGENET,
        (42_017_412, 39_448_258),
    ),
    "biggan": (["experiment=biggan_imagenet128"], IMAGENET, (70_433_988, 87_982_370)),
    "biggan, CIFAR-10": (["experiment=biggan_cifar10"], CIFAR10, (4_304_387, 4_207_361)),
    "biggan_deep": (["model=biggan_deep", "network.width=128"], IMAGENET, (50_244_484, 34_590_210)),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_networks_have_as_many_parameters_as_the_authors(name: str, build: Callable[..., Any]) -> None:
    overrides, data, expected = PUBLISHED[name]
    with torch.device("meta"):
        generator, discriminator = build(*overrides, **data)
    assert (count(generator), count(discriminator)) == expected


# --- shapes, gradients, labels ---


@pytest.mark.parametrize("network", ["sngan", "sngan_cnn", "sagan", "biggan", "biggan_deep"])
@pytest.mark.parametrize("conditioning", ["none", "concat", "projection", "generator"])
def test_networks_make_and_judge_images_under_every_kind_of_conditioning(
    network: str, conditioning: str, build: Callable[..., Any]
) -> None:
    chosen = ["model=sngan", f"network={network}", f"conditioning={conditioning}", "network.width=2"]
    generator, discriminator = build(*chosen, channels=1)
    image = generator(draw(3, generator.latent_dim), torch.tensor([0, 1, 2]))
    assert image.shape == (3, 1, 16, 16)
    verdict = discriminator(image, torch.tensor([0, 1, 2]))
    assert verdict.logits.shape == (3, 1)
    assert verdict.features.shape == (3, discriminator.feature_dim)
    verdict.logits.sum().backward()
    for name, parameter in (*generator.named_parameters(), *discriminator.named_parameters()):
        assert parameter.grad is not None, name
    generator.eval()
    for module in generator.modules():
        if isinstance(module, Embedding):
            nn.init.normal_(module.weight)
    z = draw(1, generator.latent_dim).repeat(2, 1)
    first, second = generator(z, torch.tensor([0, 1]))
    assert torch.equal(first, second) == (conditioning == "none")


@pytest.mark.parametrize("side", [64, 256])
def test_biggan_makes_images_of_other_sizes(side: int, build: Callable[..., Any]) -> None:
    for recipe in ("model=biggan", "model=biggan_deep"):
        generator, discriminator = build(recipe, "network.width=1", side=side)
        label = torch.zeros(1, dtype=torch.long)
        image = generator.eval()(draw(1, generator.latent_dim), label)
        assert image.shape == (1, 3, side, side)
        assert discriminator(image, label).logits.shape == (1, 1)


@pytest.mark.parametrize("recipe", RECIPES)
def test_only_the_recipes_that_say_so_normalise_the_generators_weights(recipe: str, build: Callable[..., Any]) -> None:
    generator, discriminator = build(recipe, "network.width=2")
    layers = nn.Conv2d | nn.Linear
    for network, expected in ((generator, recipe != "model=sngan"), (discriminator, True)):
        held = [hasattr(m, "parametrizations") for m in network.modules() if isinstance(m, layers)]
        assert set(held) == {expected}
    if recipe != "model=sngan":
        (projected,) = (m for m in discriminator.modules() if isinstance(m, Embedding))
        assert hasattr(projected, "parametrizations")
        assert not any(hasattr(m, "parametrizations") for m in generator.modules() if isinstance(m, Embedding))


# --- BigGAN ---


def test_the_regulariser_sees_raw_weights_and_leaves_embeddings_and_the_power_iteration_alone(
    build: Callable[..., Any],
) -> None:
    generator, _ = build("model=biggan", "network.width=2", "network.initialise._target_=gan_lightning.networks.Glorot")
    before = {name: buffer.clone() for name, buffer in generator.named_buffers()}
    value = OrthogonalRegularisation(1.0)(generator)
    expected = 0.0
    for module in generator.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            rows = module.parametrizations.weight.original.detach().flatten(1).double()
            gram = rows @ rows.T
            expected += float((gram - gram.diag().diag()).square().sum())
    assert value.item() == pytest.approx(expected, rel=1e-5)
    assert all(torch.equal(buffer, before[name]) for name, buffer in generator.named_buffers())
    value.backward()
    (embedding,) = (module for module in generator.modules() if isinstance(module, Embedding))
    assert embedding.weight.grad is None
