"""Toy mixtures against closed forms and quadrature, and the batches that are made of them."""

import math
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from gan_lightning.data import Draw, EpochBatches, Grid, Mixture, PointData, Ring
from gan_lightning.errors import SettingError

MIXTURES = [Ring(), Grid(), Ring(modes=3, radius=0.5, std=0.1), Grid(side=2, spacing=1.0, std=0.05)]


def data(mixture: Mixture | None = None, **settings: int) -> PointData:
    defaults = {"num_train": 100, "batch_size": 10, "num_fake": 30, "seed": 0}
    return PointData(mixture or Ring(), **{**defaults, **settings})


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


# --- batches ---


def test_points_are_images_of_two_channels_and_one_pixel():
    mixture = Ring()
    points, mode = mixture.sample(100, seed=0)
    shown = data(mixture)
    batch = shown.points[Draw([3, 1], 0)]
    assert batch.image.shape == (2, 2, 1, 1)
    assert torch.equal(batch.image[:, :, 0, 0], points[[3, 1]])
    assert torch.equal(batch.condition, mode[[3, 1]])
    assert torch.equal(shown.examples(7).image, points[:7, :, None, None])


def test_spec_is_that_of_the_points():
    spec = data().spec()
    assert (spec.channels, spec.height, spec.width, spec.num_classes, spec.size) == (2, 1, 1, 8, 100)
    assert spec.class_names == [str(i) for i in range(8)]
    assert spec == data().spec()
    assert data(seed=1).spec().fingerprint == spec.fingerprint  # the same mixture
    assert data(Ring(std=0.1)).spec().fingerprint != spec.fingerprint


def test_an_epoch_shows_every_point_once_in_the_order_of_every_data_set():
    batches = list(data(seed=5).train_dataloader())
    points, _ = Ring().sample(100, seed=5)
    order = [draw.positions for draw in EpochBatches(100, 10, seed=5)]
    assert sorted(sum(order, [])) == list(range(100))
    for batch, positions in zip(batches, order, strict=True):
        assert torch.equal(batch.image.flatten(1), points[positions])


def test_training_points_and_queries_are_shared_out_exactly():
    whole = data()
    points, numbers, labels = [], [], []
    for rank in range(3):
        part = data(batch_size=5, num_fake=100)
        place = Mock(global_rank=rank, world_size=3, current_epoch=0)
        place.fit_loop.epoch_loop.batch_progress.current.processed = 0
        part.trainer = place
        points += [tuple(point) for batch in part.train_dataloader() for point in batch.image.flatten(1).tolist()]
        for query in part.val_dataloader():
            numbers += query.number.tolist()
            labels += query.condition.tolist()
    assert len(set(points)) == len(points) == 90  # what does not fill a batch on every process is left out
    assert set(points) <= {tuple(point) for point in whole.examples(100).image.flatten(1).tolist()}
    assert sorted(numbers) == list(range(100))
    assert sorted(labels) == sorted(whole.examples(100).condition.tolist())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_train": 0}, "dataset.num_train=0: a whole number from 1"),
        ({"evaluation_batch_size": 1.5}, "dataset.evaluation_batch_size=1.5"),
        ({"batch_size": 0}, "dataset.batch_size=0"),
    ],
)
def test_impossible_counts_are_refused(settings, message):
    with pytest.raises(SettingError, match=message):
        data(**settings).spec()
