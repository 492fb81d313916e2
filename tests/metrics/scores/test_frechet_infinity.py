"""The extrapolation of FID to infinitely many samples, against closed forms."""

import pytest
import torch
from torch import Tensor

from gan_lightning.metrics import FrechetInfinity
from gan_lightning.metrics.scores.gaussians import Gaussian, frechet

from .test_gaussians import DIMENSIONS, drawn


def score(rows: Tensor, shift: float = 0.0) -> FrechetInfinity:
    made = FrechetInfinity(15)
    zero, eye = torch.zeros(DIMENSIONS).double(), torch.eye(DIMENSIONS).double()
    made.real, made.smallest = Gaussian(zero + shift, eye), 2 * DIMENSIONS  # as `begin` does, without its own error
    return made


def test_the_value_at_infinity_is_that_of_the_distributions_and_fid_is_above_it():
    rows = drawn(1000, 0)
    fid = frechet(score(rows).real, Gaussian.of(rows))
    found = score(rows).value(rows)
    assert fid > 0.05
    assert abs(found) < 0.4 * fid
    apart = score(rows, shift=0.5)
    assert apart.value(rows) == pytest.approx(DIMENSIONS * 0.25, rel=0.1)
    by_size = list(apart.detail["by_size"])
    assert (by_size[0], by_size[-1], len(by_size)) == ("32", "1000", 15)
    torch.manual_seed(3)
    assert score(rows).value(rows) == found
