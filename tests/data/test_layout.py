"""Subfolders that are splits, and those that only look like them."""

import pytest
from pictures_on_disk import told, write_pictures

from gan_lightning.data import Folder
from gan_lightning.errors import SettingError


def test_val_and_test_are_told_apart(tmp_path):
    for name, count in (("train", 4), ("validation", 2), ("test", 1)):
        write_pictures(tmp_path / name, count)
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
        write_pictures(tmp_path / name, 1)
    with pytest.raises(SettingError, match=message):
        Folder(str(tmp_path)).load("train", 16)


def test_a_class_called_train_is_told(tmp_path):
    for name in ("bus", "car", "train"):
        write_pictures(tmp_path / name, 2)
    assert told(tmp_path) == [
        ("Warning", "the folder train lies beside bus, car and without val or test: a class, not a split")
    ]


@pytest.mark.parametrize(
    "folders",
    [("trainA", "testA"), ("train_images", "test_images"), ("cats/train", "cats/test"), ("a/train", "a/val")],
)
def test_what_looks_like_splits_and_is_none_is_warned_of(tmp_path, folders):
    for folder in folders:
        write_pictures(tmp_path / folder, 2)
    images = Folder(str(tmp_path)).load("train", 16)
    assert len(images) == 4
    assert [note.text for note in images.notes if "look like splits, but all pictures are trained on" in note.text]


def test_classes_that_are_called_a_little_like_splits_are_classes(tmp_path):
    for folder in ("trains", "buses", "testers", "trainspotting"):
        write_pictures(tmp_path / folder, 2)
    assert "like splits" not in str(told(tmp_path))
