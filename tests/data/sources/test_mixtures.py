"""Toy mixtures against closed forms and quadrature."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from gan_lightning.data import Grid, Ring
from gan_lightning.errors import SettingError

MIXTURES = [Ring(), Grid(), Ring(modes=3, radius=0.5, std=0.1), Grid(side=2, spacing=1.0, std=0.05)]


def test_ring_lies_on_its_circle_at_equal_angles():
    centres = Ring().centres
    assert centres.shape == (8, 2)
    torch.testing.assert_close(centres.norm(dim=1), torch.full((8,), 0.8))
    torch.testing.assert_close(centres[0], torch.tensor([0.8, 0.0]))
    torch.testing.assert_close(centres[2], torch.tensor([0.0, 0.8]))
    gaps = (centres - centres.roll(1, 0)).norm(dim=1)
    torch.testing.assert_close(gaps, torch.full((8,), 1.6 * math.sin(math.pi / 8)))


def test_grid_goes_row_by_row_from_below():
    centres = Grid().centres
    assert centres.shape == (25, 2)
    torch.testing.assert_close(centres[:2], torch.tensor([[-0.8, -0.8], [-0.4, -0.8]]))
    torch.testing.assert_close(centres[12], torch.zeros(2))
    torch.testing.assert_close(centres[24], torch.tensor([0.8, 0.8]))


def test_defaults_keep_the_proportions_of_the_literature():
    ring, grid = Ring(), Grid()
    assert float(ring.centres[0, 0]) / ring.std == pytest.approx(2 / 0.02)
    assert float(grid.centres[1, 0] - grid.centres[0, 0]) / grid.std == pytest.approx(2 / 0.05)


@pytest.mark.parametrize("mixture", MIXTURES)
def test_density_is_scipys(mixture):
    points = mixture.sample(50, seed=1)[0].double()
    densities = [multivariate_normal(centre.numpy(), mixture.std**2).pdf(points.numpy()) for centre in mixture.centres]
    expected = np.mean(densities, axis=0)
    np.testing.assert_allclose(mixture.log_density(points).exp().numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("mixture", MIXTURES)
def test_density_integrates_to_one(mixture):
    edge = 1.0 + 6 * mixture.std
    along = torch.linspace(-edge, edge, 1 + round(2 * edge / (mixture.std / 2)), dtype=torch.float64)
    cell = float(along[1] - along[0]) ** 2
    total = sum(float(mixture.log_density(torch.cartesian_prod(x[None], along)).exp().sum()) for x in along)
    assert total * cell == pytest.approx(1, abs=1e-6)


def test_log_density_stays_finite_far_from_every_mode():
    ring = Ring()
    assert ring.log_density(torch.zeros(2)) == pytest.approx(-(100**2) / 2 - math.log(2 * math.pi * 0.008**2), rel=1e-5)


def test_samples_have_the_moments_and_the_shares_of_their_modes():
    mixture = Grid()
    points, mode = mixture.sample(50000, seed=0)
    away = (points - mixture.centres[mode]) / mixture.std
    assert float(away.mean()) == pytest.approx(0, abs=0.02)
    assert float(away.std()) == pytest.approx(1, abs=0.02)
    assert float((away[:, 0] * away[:, 1]).mean()) == pytest.approx(0, abs=0.02)
    shares = torch.bincount(mode, minlength=25) / len(mode)
    assert float((shares - 1 / 25).abs().max()) < 4 * math.sqrt(0.04 * 0.96 / 50000)


def test_samples_are_keyed():
    assert torch.equal(Ring().sample(5, seed=3)[0], Ring().sample(5, seed=3)[0])
    assert not torch.equal(Ring().sample(5, seed=3)[0], Ring().sample(5, seed=4)[0])


def test_sampling_leaves_the_random_state_alone():
    state = torch.random.get_rng_state()
    Ring().sample(5, seed=3)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_nearest_names_mode_and_distance():
    distance, mode = Ring().nearest(torch.tensor([[0.75, 0.0], [0.0, -0.9]]))
    assert mode.tolist() == [0, 6]
    assert distance.tolist() == pytest.approx([0.05, 0.1], abs=1e-6)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Ring(modes=0), "dataset.mixture.modes=0: a whole number from 1"),
        (lambda: Grid(side=2.5), "dataset.mixture.side=2.5"),
        (lambda: Ring(std=0.0), "dataset.mixture.std=0.0: a number above 0"),
        (lambda: Ring(radius=2.0, std=0.02), "at 2 from an axis.*tanh"),
        (lambda: Grid(spacing=0.5), "at 1 from an axis"),
    ],
)
def test_impossible_mixtures_are_refused(build, message):
    with pytest.raises(SettingError, match=message):
        build()
