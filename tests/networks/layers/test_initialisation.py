"""How weights start: the width of each distribution, and orthonormal filters."""

from math import sqrt

import pytest
import torch
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.networks import Gaussian, Glorot, Orthogonal


@pytest.mark.parametrize("gain", [1.0, sqrt(2)])
def test_glorots_bound_is_the_gain_times_the_root_of_six_over_inputs_and_outputs(gain: float) -> None:
    torch.manual_seed(0)
    weight = torch.empty(64, 32, 3, 3)
    Glorot()(weight, gain)
    bound = gain * sqrt(6 / (9 * (64 + 32)))
    assert 0.99 * bound < weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / sqrt(3), rel=0.02)


def test_orthogonal_filters_are_orthonormal_whatever_the_gain() -> None:
    weight = torch.empty(8, 4, 3, 3)
    Orthogonal()(weight, sqrt(2))
    torch.testing.assert_close(weight.flatten(1) @ weight.flatten(1).T, torch.eye(8), rtol=1e-4, atol=1e-5)


def test_gaussian_weights_have_the_deviation_that_was_set() -> None:
    torch.manual_seed(0)
    weight = nn.Linear(200, 200).weight.detach()
    Gaussian(0.05)(weight, sqrt(2))
    assert weight.std().item() == pytest.approx(0.05, rel=0.02)
    assert weight.mean().item() == pytest.approx(0, abs=0.001)
    with pytest.raises(SettingError, match=r"initialise\.std=0:"):
        Gaussian(0)
