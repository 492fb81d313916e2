"""Pairs of image and condition beyond those of a batch."""

import torch

from gan_lightning.losses import Interpolated, Mismatched
from gan_lightning.losses.pairs import neighbours


def test_halves_of_a_batch_have_the_neighbours_of_the_whole():
    condition = torch.randn(8, 3)
    halves = torch.cat([neighbours(condition[:4]), neighbours(condition[4:])])
    assert torch.equal(neighbours(condition), halves)
    assert not (neighbours(condition) == condition).all(1).any()


def test_a_wrong_pair_is_the_same_image_with_a_condition_of_the_batch():
    real, condition = torch.randn(5, 3, 4, 4), torch.randn(5, 2)
    images, unmet = Mismatched().wrong(real, condition)
    assert images is real
    assert all((row == condition).all(1).any() for row in unmet)
    assert Mismatched().wanted(condition) is None


def test_an_interpolation_lies_between_two_conditions():
    condition = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    assert torch.allclose(Interpolated(0.5).wanted(condition), torch.full((2, 2), 0.5))
    assert torch.equal(Interpolated(1.0).wanted(condition), condition)
    assert Interpolated().wrong(torch.zeros(2, 1, 1, 1), condition) is None
