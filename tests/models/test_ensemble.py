"""Generators that draw in turn."""

from typing import Any

import pytest
import torch

from gan_lightning.models import GAN, Ensemble

TINY = [
    *("dataset=fake", "dataset.source.size=16", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none"),
]


@pytest.fixture
def members(composed: Any, build: Any) -> list[GAN]:
    """Three conditional models of different latent sizes, so of different weights."""
    sizes = (100, 50, 20)
    built = [build(composed("model=cgan", *TINY, f"network.generator.latent_dim={size}"))[0] for size in sizes]
    for model in built:
        torch.nn.init.normal_(model.ema.module.to_image.weight)
    return built


@pytest.mark.parametrize("truncation", [None, 0.5])
@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_each_image_is_that_of_its_own_generator(members: list[GAN], n: int, truncation: float | None) -> None:
    label = torch.arange(n) % 4
    images = Ensemble(members).sample(n, label, seed=5, truncation=truncation)
    assert images.shape == (n, 3, 16, 16)
    for i, image in enumerate(images):
        torch.testing.assert_close(image, members[i % 3].sample(n, label, seed=5, truncation=truncation)[i])
    for i in range(1, n):
        assert not torch.allclose(images[i], members[(i + 1) % 3].sample(n, label, 5, truncation)[i])


def test_every_generator_draws_every_class(members: list[GAN]) -> None:
    """Also where as many classes as generators would give each of them its own."""
    several = Ensemble(members[:2])
    classes = members[0].num_classes
    label = torch.arange(2 * classes) // 2
    assert torch.equal(several.sample(2 * classes), several.sample(2 * classes, label))


def test_one_member_samples_as_by_itself(members: list[GAN]) -> None:
    assert torch.equal(Ensemble(members[:1]).sample(5, seed=3), members[0].sample(5, seed=3))


def test_labels_are_ignored_where_one_member_ignores_them(members: list[GAN], composed: Any, build: Any) -> None:
    unconditional, _ = build(composed("model=dcgan", *TINY))
    assert not Ensemble(members).ignores_labels()
    assert Ensemble([*members, unconditional]).ignores_labels()
