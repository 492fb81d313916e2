"""Folders of photographs: which are held out, and the notes about splits and values."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lightning.data import PhotographFolder
from gan_lightning.errors import SettingError


def write(file: Path, values: np.ndarray | None = None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((6, 9), np.uint8) if values is None else values).save(file)


def test_every_tenth_is_held_out_where_there_is_no_folder_for_it(tmp_path: Path) -> None:
    for i in range(12):
        write(tmp_path / f"{i:02}.png")
    source = PhotographFolder(str(tmp_path), channels=1)
    assert source.load("test").names == ["00.png", "10.png"]
    assert source.load("train").names == [f"{i:02}.png" for i in range(12) if i % 10]
    with pytest.raises(SettingError, match=r"split=val: a folder of photographs has the splits train and test"):
        source.load("val")


def test_folders_of_splits_are_kept(tmp_path: Path) -> None:
    for name in ("train/a.png", "train/b.png", "val/c.png"):
        write(tmp_path / name)
    source = PhotographFolder(str(tmp_path))
    assert (source.load("train").names, source.load("test").names) == (["train/a.png", "train/b.png"], ["val/c.png"])


def test_a_range_is_measured_over_both_splits_or_declared(tmp_path: Path) -> None:
    write(tmp_path / "train" / "a.png", np.full((4, 4), 900, np.uint16))
    write(tmp_path / "test" / "b.png", np.full((4, 4), 3000, np.uint16))
    measured = PhotographFolder(str(tmp_path), channels=1)
    assert tuple(measured.value_range) == (0, 4095)
    assert measured.load("test")[0].unique().tolist() == [round(3000 / 4095 * 255)]
    declared = PhotographFolder(str(tmp_path), channels=1, value_range=[0, 3000])
    assert declared.load("test")[0].unique().tolist() == [255]


def test_a_range_of_pictures_of_8_bits_is_said_to_change_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    notes = PhotographFolder(str(tmp_path), value_range=[0, 100]).notes
    assert [note.text for note in notes if "changes nothing: all pictures have 8 bits" in note.text]
    with pytest.raises(SettingError, match=r"dataset\.source\.channels=5"):
        PhotographFolder(str(tmp_path), channels=5)
