"""Samples from noise: conditions in turn, noise that depends on its number alone, and truncation."""

import itertools
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.models.from_noise import ImagesFromNoise


class Plain(ImagesFromNoise):
    """The pixels are the numbers of w, to which the first condition is added."""

    latent_dim = 4
    device = torch.device("cpu")

    def __init__(self, num_classes: int | Sequence[int] = 0) -> None:
        self.num_classes = num_classes

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        return (w + condition.view(len(w), -1)[:, :1]).view(-1, 1, 2, 2)


class Mapped(Plain):
    """w is 3 z + 1, whose mean is 1."""

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        return 3 * z + 1

    def mean_w(self) -> Tensor:
        return torch.ones(4)


@pytest.mark.parametrize("sizes", [[3], [2, 3], [3, 2, 4]])
def test_conditions_run_through_all_combinations_of_which_the_first_changes_fastest(sizes: list[int]) -> None:
    expected = [list(reversed(row)) for row in itertools.product(*(range(size) for size in reversed(sizes)))]
    model = Plain(sizes)
    assert model.all_conditions().tolist() == expected
    assert model.conditions(torch.arange(2 * len(expected))).tolist() == expected * 2


def test_classes_are_shown_in_turn_and_without_labels_there_is_the_class_zero() -> None:
    assert Plain(3).conditions(torch.arange(7)).tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert Plain(3).all_conditions().tolist() == [0, 1, 2]
    assert Plain(0).conditions(torch.arange(3)).tolist() == [0, 0, 0]
    assert Plain(0).all_conditions().tolist() == [0]


def test_a_sample_depends_on_its_number_and_the_seed_alone() -> None:
    model = Plain()
    many = model.sample(300, seed=5)  # more than are made at once
    assert torch.equal(model.sample(3, seed=5), many[:3])
    number = torch.tensor([299, 7])
    assert torch.equal(model.draw(number, torch.zeros(2), seed=5), many[number])
    assert not torch.equal(model.sample(3, seed=6), many[:3])
    assert len(many.flatten(1).unique(dim=0)) == 300


@pytest.mark.parametrize("truncation", [0.0, 0.3, 1.0, 2.0])
def test_truncation_moves_w_towards_its_mean(truncation: float) -> None:
    model, z, condition = Mapped(), torch.randn(5, 4), torch.zeros(5)
    w = model.latent_of(z, condition, truncation)
    torch.testing.assert_close(w, 1 + truncation * 3 * z)
    torch.testing.assert_close(model.latent_of(z, condition), 3 * z + 1)


def test_without_a_mapping_truncation_bounds_the_noise() -> None:
    model, number = Plain(), torch.arange(200)
    w = model.latent_at(number, torch.zeros(200), seed=0, truncation=0.5)
    assert 0.45 < w.abs().max() <= 0.5
    assert model.latent_at(number, torch.zeros(200), seed=0).abs().max() > 2
    with pytest.raises(SettingError, match=r"truncation=-1"):
        model.latent_at(number, torch.zeros(200), seed=0, truncation=-1)
    with pytest.raises(SettingError, match=r"truncation=-1"):
        Mapped().latent_at(number, torch.zeros(200), seed=0, truncation=-1)


def test_a_model_ignores_labels_if_its_images_do() -> None:
    assert not Plain(3).ignores_labels()
    assert Plain(0).ignores_labels()
