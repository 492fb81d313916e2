"""Random windows and mirrors."""

import pytest
import torch

from gan_lightning.data.jitter import jitter


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_windows_are_cut_out_and_mirrored_whole(channels):
    images = torch.randint(256, (32, channels, 7, 9), dtype=torch.uint8)
    for image, window in zip(images, jitter(images, (5, 6), flip=True, seed=1), strict=True):
        places = [image[:, top : top + 5, left : left + 6] for top in range(3) for left in range(4)]
        assert any(torch.equal(window, place) or torch.equal(window, place.flip(2)) for place in places)


def test_windows_reach_every_place_about_equally():
    rows, columns = torch.meshgrid(torch.arange(8), torch.arange(10), indexing="ij")
    images = torch.stack([rows, columns]).expand(4000, -1, -1, -1)
    corners = jitter(images, (5, 6), flip=False, seed=0)[:, :, 0, 0]
    counts = torch.bincount(corners[:, 0] * 5 + corners[:, 1], minlength=20)
    assert len(counts) == 4 * 5
    assert counts.min() > 130  # 200 expected
    assert counts.max() < 270


def test_mirrors_are_half_and_only_where_asked_for():
    images = torch.arange(4).expand(400, 1, 4, 4)
    mirrored = (jitter(images, (4, 4), flip=True, seed=0)[:, 0, 0, 0] == 3).sum()
    assert 150 < mirrored < 250
    assert torch.equal(jitter(images, (4, 4), flip=False, seed=0), images)


def test_jitter_is_keyed_by_its_seed_alone():
    images = torch.randint(256, (8, 3, 12, 12))
    first = jitter(images, (8, 8), True, seed=3)
    torch.manual_seed(99)
    assert torch.equal(jitter(images, (8, 8), True, seed=3), first)
    assert not torch.equal(jitter(images, (8, 8), True, seed=4), first)
