"""Splits and classes of a folder."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lightning.data import Folder, ImageData
from gan_lightning.errors import SettingError


def write(folder: Path, count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(len(str(folder)))
    for i in range(count):
        Image.fromarray(random.integers(256, size=(16, 16, 3), dtype=np.uint8)).save(folder / f"{i}.png")


def told(folder: Path) -> list[tuple[str, str]]:
    return [tuple(note) for note in Folder(str(folder)).load("train", 16).notes]


@pytest.mark.parametrize("train", ["train", "Train", "TRAINING"])
@pytest.mark.parametrize("held", ["val", "valid", "Validation", "TEST", "testing"])
def test_splits_in_every_spelling_are_no_classes(tmp_path, train, held):
    for name, count in (("cats", 3), ("dogs", 2)):
        write(tmp_path / train / name, count)
    write(tmp_path / held / "dogs", 1)
    source = Folder(str(tmp_path))
    images, test = source.load("train", 16), source.load("test", 16)
    assert images.class_names == test.class_names == ["cats", "dogs"]
    assert images.labels.tolist() == [0, 0, 0, 1, 1]
    assert test.labels.tolist() == [1]  # the second class, though the only one of its split
    assert ("Splits", f"{train} 5, {held} 1 pictures") in told(tmp_path)
    other = "test" if held.lower().startswith("val") else "val"
    if other == "val":
        with pytest.raises(SettingError, match="split=val: .* has the splits train, test"):
            source.load("val", 16)


def test_val_and_test_are_told_apart(tmp_path):
    for name, count in (("train", 4), ("validation", 2), ("test", 1)):
        write(tmp_path / name, count)
    source = Folder(str(tmp_path))
    assert [len(source.load(split, 16)) for split in ("train", "val", "valid", "validation", "test")] == [4, 2, 2, 2, 1]


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (["train/a", "val/a", "."], r"train, val are splits, but 0.png lies beside"),
        (["train", "."], "train is a split, but 0.png lies beside"),
        (["train/a", "train/b", "extra"], "train is a split, but extra lies beside"),
        (["train", "test", "cats", "dogs"], "test, train are splits, but cats, dogs lie beside"),
        (["test", "cats", "dogs"], "test is a split, but cats, dogs lie beside"),
        (["test", "val"], "pictures to hold out in test, val, but none in train"),
        (["train", "val", "valid"], "val and valid are the same split"),
    ],
)
def test_mixed_layouts_are_refused(tmp_path, folders, message):
    for name in folders:
        write(tmp_path / name, 1)
    with pytest.raises(SettingError, match=message):
        Folder(str(tmp_path)).load("train", 16)


def test_a_class_called_train_is_told(tmp_path):
    for name in ("bus", "car", "train"):
        write(tmp_path / name, 2)
    assert told(tmp_path) == [
        ("Warning", "the folder train lies beside bus, car and without val or test: a class, not a split")
    ]


@pytest.mark.parametrize("inside", ["images", "train/images"])
def test_a_single_folder_is_no_label(tmp_path, inside):
    write(tmp_path / inside, 3)
    images = Folder(str(tmp_path)).load("train", 16)
    assert (images.label_name, images.class_names, images.labels.tolist()) == (None, [], [0, 0, 0])
    assert ("Labels", "none: all pictures lie in one subfolder, images") in told(tmp_path)


def test_pictures_beside_class_folders_are_told(tmp_path):
    write(tmp_path / "cats", 2)
    write(tmp_path / "dogs", 2)
    write(tmp_path, 1)
    assert told(tmp_path) == [("Warning", "no labels, because 1 picture lies beside the subfolders cats, dogs (0.png)")]


def test_held_out_classes_are_those_of_training(tmp_path):
    for name in ("train/cats", "train/dogs", "test/birds"):
        write(tmp_path / name, 1)
    source = Folder(str(tmp_path))
    source.load("train", 16)
    with pytest.raises(SettingError, match="its split test has the classes birds, which its split train lacks"):
        source.load("test", 16)


def test_summary_counts_classes_and_says_where_there_are_none(tmp_path):
    def summary(folder: Path) -> list[tuple[str, str]]:
        return [tuple(note) for note in ImageData(Folder(str(folder)), 16, 1, num_fake=0, seed=0).summary()]

    write(tmp_path / "a" / "cats", 3)
    write(tmp_path / "a" / "dogs", 1)
    assert summary(tmp_path / "a") == [
        ("Data", "Folder: 4 training pictures at 16 x 16 pixels, 3 channels"),
        ("Labels", "2 classes: cats 3, dogs 1"),
    ]
    write(tmp_path / "b", 1)
    assert summary(tmp_path / "b")[1] == ("Labels", "none")


@pytest.mark.parametrize(
    "folders",
    [("trainA", "testA"), ("train_images", "test_images"), ("cats/train", "cats/test"), ("a/train", "a/val")],
)
def test_what_looks_like_splits_and_is_none_is_warned_of(tmp_path, folders):
    for folder in folders:
        write(tmp_path / folder, 2)
    images = Folder(str(tmp_path)).load("train", 16)
    assert len(images) == 4
    assert [note.text for note in images.notes if "look like splits, but all pictures are trained on" in note.text]


def test_classes_that_are_called_a_little_like_splits_are_classes(tmp_path):
    for folder in ("trains", "buses", "testers", "trainspotting"):
        write(tmp_path / folder, 2)
    assert "like splits" not in str(told(tmp_path))
