"""Windows of photographs, and degraded ones: where they lie, and which random numbers each has."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.data import Noise, TensorImages
from gan_lightning.data.photographs import CutOut, Degraded, Photographs, Window, windows
from gan_lightning.errors import SettingError


@pytest.mark.parametrize(("height", "width"), [(8, 8), (11, 30), (7, 40), (16, 9)])
def test_windows_do_not_overlap_and_leave_equal_margins(height: int, width: int) -> None:
    size = (8, 9)
    found = windows([(40, 40), (height, width)], size)
    covered = torch.zeros(height, width, dtype=torch.long)
    for photograph, top, left in found:
        if photograph == 1:
            covered[top : top + size[0], left : left + size[1]] += 1
    rows, columns = height // size[0], width // size[1]
    assert covered.max() <= 1
    assert covered.sum() == rows * columns * size[0] * size[1]
    if rows and columns:
        used = covered.nonzero()
        below = torch.tensor([height, width]) - 1 - used.amax(0)
        assert (used.amin(0) - below).abs().max() <= 1
    assert sum(window.photograph == 0 for window in found) == 5 * 4


@pytest.fixture
def photographs(tmp_path: Path) -> Callable[..., Photographs]:
    """Two photographs whose first channel is the row and whose second is the column."""

    def make(halvings: int = 0, memory_limit: int = 2**20) -> Photographs:
        files = []
        for name, (height, width) in (("a.png", (20, 30)), ("b.png", (25, 12))):
            rows, columns = np.mgrid[:height, :width]
            picture = np.stack([rows, columns, np.full_like(rows, 7)], 2).astype(np.uint8)
            files.append(tmp_path / name)
            if not files[-1].exists():
                Image.fromarray(picture).save(files[-1])
        return Photographs(files, [file.name for file in files], 3, halvings, None, memory_limit)

    return make


def test_a_window_is_the_part_of_its_photograph(photographs: Callable[..., Photographs]) -> None:
    images = CutOut(photographs(), [Window(0, 3, 10), Window(1, 17, 2)], (8, 10))
    for pixels, (top, left) in zip(images.pixels([1, 0]), ((17, 2), (3, 10)), strict=True):
        assert torch.equal(pixels[0, :, 0], torch.arange(top, top + 8).byte())
        assert torch.equal(pixels[1, 0], torch.arange(left, left + 10).byte())
    other = CutOut(photographs(), [Window(0, 3, 10), Window(1, 17, 1)], (8, 10))
    assert images.fingerprint != other.fingerprint


def test_photographs_are_held_where_they_fit_and_halved_as_often_as_asked(photographs) -> None:
    bytes_of_both = 3 * (20 * 30 + 25 * 12)
    held, read = photographs(memory_limit=bytes_of_both), photographs(memory_limit=bytes_of_both - 1)
    assert (held.held is None, read.held is None) == (False, True)
    assert all(torch.equal(held[i], read[i]) for i in range(2))
    halved = photographs(halvings=1)
    assert halved.sizes == [(10, 15), (12, 6)]
    centres = halved[1][0, 2:-2, 3].float()  # of two rows each, but for the border
    assert (centres - (2 * torch.arange(2, 10) + 0.5)).abs().max() <= 1
    assert halved.fingerprint != held.fingerprint


def test_a_photograph_that_is_too_small_to_be_halved_is_refused(photographs: Callable[..., Photographs]) -> None:
    assert photographs(halvings=3).sizes == [(2, 3), (3, 1)]
    with pytest.raises(SettingError, match=r"dataset.source.halvings=4: a photograph of 25 x 12 pixels"):
        photographs(halvings=4)


def test_a_file_that_changed_its_size_is_named(photographs: Callable[..., Photographs], tmp_path: Path) -> None:
    found = photographs(memory_limit=0)
    Image.new("RGB", (30, 21)).save(tmp_path / "a.png")
    with pytest.raises(SettingError, match=r"a\.png: is 21 x 30 pixels large, and not 20 x 30"):
        found[0]


def test_each_degraded_image_has_random_numbers_of_its_own_in_whatever_batch() -> None:
    grey = TensorImages(torch.full((4, 1, 16, 16), 128, dtype=torch.uint8), {}, None, [])
    made = Degraded(grey, Noise(20.0))
    one, two = made.pixels([1, 2])
    assert torch.equal(made.pixels([2])[0], two)
    assert not torch.equal(one, two)
    assert torch.equal(one, Noise(20.0)(grey.images[1], torch.Generator().manual_seed(1)))
    assert made.fingerprint != Degraded(grey, Noise(10.0)).fingerprint
