"""The Frechet distance of Gaussians against its closed form and SciPy."""

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import Tensor

from gan_lightning.metrics.scores.gaussians import Gaussian, frechet

DIMENSIONS = 16


def drawn(n: int, seed: int, shift: float = 0.0) -> Tensor:
    return shift + torch.randn(n, DIMENSIONS, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_frechet_distance_of_gaussians_has_its_closed_form(scale):
    eye, zero = torch.eye(DIMENSIONS).double(), torch.zeros(DIMENSIONS).double()
    shifted = Gaussian(zero + 2, eye * scale**2)
    assert frechet(Gaussian(zero, eye), shifted) == pytest.approx(DIMENSIONS * (4 + (scale - 1) ** 2))


def test_frechet_distance_equals_the_formula_in_scipy():
    one, other = drawn(100, 0) @ drawn(DIMENSIONS, 1), drawn(80, 2, shift=1)
    x, y = np.cov(one.numpy().T), np.cov(other.numpy().T)
    by_hand = ((one.mean(0) - other.mean(0)) ** 2).sum() + np.trace(x + y - 2 * scipy.linalg.sqrtm(x @ y).real)
    assert frechet(Gaussian.of(one), Gaussian.of(other)) == pytest.approx(float(by_hand), rel=1e-6)
    sums = {"sum": one.sum(0), "outer": one.T @ one, "count": torch.tensor(100)}
    torch.testing.assert_close(Gaussian.from_sums(sums).covariance, Gaussian.of(one).covariance)
