"""Distances of rows and nearest neighbours against SciPy, in parts of any size."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch import Tensor

from gan_lightning.metrics.scores import neighbours


def rows(n: int, seed: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((n, 5)))


@pytest.fixture(params=[1, 30, 2**24])
def part(request, monkeypatch) -> int:
    """How many distances are held at once: of one row, of a few, of all."""
    monkeypatch.setattr(neighbours, "PART", request.param)
    return request.param


def test_distances_of_the_parts_are_all_distances_and_no_part_is_larger_than_it_may_be(part):
    one, other = rows(17, 0), rows(11, 1)
    found = torch.full((17, 11), torch.nan, dtype=torch.float64)
    for of, distance in neighbours.in_parts(one, other):
        assert len(distance) <= max(1, part // 11)
        found[of] = distance
    np.testing.assert_allclose(found, cdist(one, other))


def test_the_nearest_row_and_the_radii_are_those_of_sorted_distances(part):
    one, other = rows(17, 0), rows(11, 1)
    distance, position = neighbours.nearest(one, other)
    np.testing.assert_array_equal(position, cdist(one, other).argmin(1))
    np.testing.assert_allclose(distance, cdist(one, other).min(1))
    ordered = np.sort(cdist(one, one), axis=1)  # each row is its own nearest
    for k, found in zip((4, 1), neighbours.radii(one, [4, 1]), strict=True):
        np.testing.assert_allclose(found, ordered[:, k])
    asked = torch.tensor([16, 3, 3])
    np.testing.assert_allclose(neighbours.nearest_other(asked, one), ordered[asked, 1])


def test_equal_rows_are_at_distance_zero_and_count_as_neighbours_of_each_other():
    twice = torch.cat([rows(3, 0), rows(1, 9), rows(1, 9)])
    radii, nearest = neighbours.radii(twice, [1])[0], neighbours.nearest_other(torch.arange(5), twice)
    assert radii.tolist() == pytest.approx(nearest.tolist())
    assert radii[3:].tolist() == pytest.approx([0, 0], abs=1e-6)
    assert min(radii[:3]) > 0.1
