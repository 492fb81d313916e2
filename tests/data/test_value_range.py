"""The range of values of a set of picture files, and the order of the notes about it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lightning.data.levels import ValueRange
from gan_lightning.data.value_range import value_range_of


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A picture of 16 bits, and an animation of 8."""
    Image.fromarray(np.arange(256, dtype=np.uint16).reshape(16, 16) * 10).save(tmp_path / "deep.png")
    first, second = (Image.new("L", (8, 8), level) for level in (0, 9))
    first.save(tmp_path / "moving.gif", save_all=True, append_images=[second])
    return [tmp_path / "deep.png", tmp_path / "moving.gif"]


def test_what_is_declared_comes_before_what_is_measured_and_losses_are_told_last(files: list[Path]) -> None:
    declared = ValueRange(0, 3000)
    for chosen, expected in ((None, (0, 4095)), (declared, declared)):
        found, notes = value_range_of(files, "range", chosen, channels=1, skip_broken=False)
        assert found == expected
        assert notes[0].heading == "Values"
        assert "1 of 2 pictures has several pages" in notes[-1].text


def test_a_range_of_pictures_of_8_bits_changes_nothing(files: list[Path]) -> None:
    found, notes = value_range_of(files[1:], "range", ValueRange(0, 3000), channels=1, skip_broken=False)
    assert found is None
    assert notes[0].text == "range changes nothing: all pictures have 8 bits"
    assert len(value_range_of(files[1:], "range", None, channels=1, skip_broken=False)[1]) == len(notes) - 1


def test_a_side_looks_at_its_part_of_the_values(files: list[Path]) -> None:
    found, _ = value_range_of(files, "range", None, 1, False, lambda file: np.array([[0, 200]], np.uint16))
    assert found == (0, 255)
