"""Pyramids and patches against SciPy, and distances of sorted numbers."""

import numpy as np
import pytest
import torch
from scipy import ndimage, stats

from gan_lightning.metrics.scores import laplacian


@pytest.mark.parametrize("size", [(32, 48), (33, 46), (67, 64)])
def test_pyramid_equals_scipys_filter_and_can_be_undone(size):
    image = torch.rand(2, 3, *size, dtype=torch.float64)
    levels = laplacian.laplacian_pyramid(image)
    assert [tuple(level.shape[2:]) for level in levels] == laplacian.level_sizes(size)
    torch.testing.assert_close(laplacian.reconstructed(levels), image)
    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
    channel = image[0, 0].numpy()
    smaller = ndimage.convolve(channel, kernel, mode="mirror")[::2, ::2]
    spread = np.zeros(size)
    spread[::2, ::2] = smaller
    np.testing.assert_allclose(levels[0][0, 0], channel - ndimage.convolve(spread, 4 * kernel, mode="mirror"))
    if len(levels) == 2:
        np.testing.assert_allclose(levels[1][0, 0], smaller)


def test_levels_go_from_full_resolution_down_to_sixteen_pixels():
    assert laplacian.level_sizes((64, 64)) == [(64, 64), (32, 32), (16, 16)]
    assert laplacian.level_sizes((16, 16)) == [(16, 16)]
    assert laplacian.level_sizes((31, 80)) == [(31, 80)]
    assert laplacian.level_sizes((5, 5)) == [(5, 5)]


def test_patches_lie_where_they_are_asked_for():
    level = torch.rand(2, 3, 20, 16)
    corner = torch.tensor([[[0.0, 0.0], [0.999, 0.999]], [[0.5, 0.0], [0.0, 0.25]]])
    found = laplacian.patches(level, corner)
    assert found.shape == (2, 2, 3, 7, 7)
    assert torch.equal(found[0, 0], level[0, :, :7, :7])
    assert torch.equal(found[0, 1], level[0, :, -7:, -7:])
    assert torch.equal(found[1, 0], level[1, :, 7:14, :7])
    assert torch.equal(found[1, 1], level[1, :, :7, 2:9])


@pytest.mark.parametrize(("n", "m"), [(50, 50), (50, 100), (7, 40), (64, 25), (1, 9)])
def test_distance_equals_scipys(n, m):
    random = torch.Generator().manual_seed(n)
    a, b = (torch.randn(5, count, generator=random, dtype=torch.float64) ** 3 for count in (n, m))
    ours = laplacian.wasserstein(a.sort().values, b.sort().values)
    theirs = [stats.wasserstein_distance(x, y) for x, y in zip(a.numpy(), b.numpy(), strict=True)]
    np.testing.assert_allclose(ours, theirs)
