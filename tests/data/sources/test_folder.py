"""Splits and classes of a folder, on disk and in memory, and pictures that cannot be read."""

from pathlib import Path

import pytest
import torch
from pictures_on_disk import told, write_pictures
from PIL import Image

from gan_lightning.data import Draw, Folder, ImageData, TensorImages
from gan_lightning.errors import SettingError


@pytest.mark.parametrize("train", ["train", "Train", "TRAINING"])
@pytest.mark.parametrize("held", ["val", "valid", "Validation", "TEST", "testing"])
def test_splits_in_every_spelling_are_no_classes(tmp_path, train, held):
    for name, count in (("cats", 3), ("dogs", 2)):
        write_pictures(tmp_path / train / name, count)
    write_pictures(tmp_path / held / "dogs", 1)
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


@pytest.mark.parametrize("inside", ["images", "train/images"])
def test_a_single_folder_is_no_label(tmp_path, inside):
    write_pictures(tmp_path / inside, 3)
    images = Folder(str(tmp_path)).load("train", 16)
    assert (images.label_name, images.class_names, images.labels.tolist()) == (None, [], [0, 0, 0])
    assert ("Labels", "none: all pictures lie in one subfolder, images") in told(tmp_path)


def test_pictures_beside_class_folders_are_told(tmp_path):
    write_pictures(tmp_path / "cats", 2)
    write_pictures(tmp_path / "dogs", 2)
    write_pictures(tmp_path, 1)
    assert told(tmp_path) == [("Warning", "no labels, because 1 picture lies beside the subfolders cats, dogs (0.png)")]


def test_held_out_classes_are_those_of_training(tmp_path):
    for name in ("train/cats", "train/dogs", "test/birds"):
        write_pictures(tmp_path / name, 1)
    source = Folder(str(tmp_path))
    source.load("train", 16)
    with pytest.raises(SettingError, match="its split test has the classes birds, which its split train lacks"):
        source.load("test", 16)


def test_summary_counts_classes_and_says_where_there_are_none(tmp_path):
    def summary(folder: Path) -> list[tuple[str, str]]:
        return [tuple(note) for note in ImageData(Folder(str(folder)), 16, 1, num_fake=0, seed=0).summary()]

    write_pictures(tmp_path / "a" / "cats", 3)
    write_pictures(tmp_path / "a" / "dogs", 1)
    assert summary(tmp_path / "a") == [
        ("Data", "Folder: 4 training pictures at 16 x 16 pixels, 3 channels"),
        ("Labels", "2 classes: cats 3, dogs 1"),
    ]
    write_pictures(tmp_path / "b", 1)
    assert summary(tmp_path / "b")[1] == ("Labels", "none")


def test_folder_with_subfolders_has_their_names_as_classes(tmp_path):
    write_pictures(tmp_path / "dogs", 3)
    write_pictures(tmp_path / "cats" / "young", 2)
    images = Folder(str(tmp_path)).load("train", 16)
    assert images.class_names == ["cats", "dogs"]
    assert images.labels.tolist() == [0, 0, 1, 1, 1]


def test_flat_folder_is_unlabelled(tmp_path):
    write_pictures(tmp_path, 3)
    write_pictures(tmp_path / "more", 1)
    images = Folder(str(tmp_path)).load("train", 16)
    assert len(images) == 4
    assert images.class_names == []
    assert images.labels.tolist() == [0, 0, 0, 0]


def test_folder_in_memory_equals_folder_on_disk(tmp_path):
    write_pictures(tmp_path / "a", 4)
    held = Folder(str(tmp_path), channels=1).load("train", 16)
    read = Folder(str(tmp_path), channels=1, memory_limit=0).load("train", 16)
    assert isinstance(held, TensorImages)
    assert not isinstance(read, TensorImages)
    draw = Draw([3, 1], 0)
    assert torch.equal(held[draw].image, read[draw].image)
    assert held[draw].image.shape == (2, 1, 16, 16)


def test_folder_splits(tmp_path):
    write_pictures(tmp_path / "train", 3)
    write_pictures(tmp_path / "test", 2)
    source = Folder(str(tmp_path))
    assert (len(source.load("train", 16)), len(source.load("test", 16))) == (3, 2)
    with pytest.raises(SettingError, match="split=valid"):
        source.load("valid", 16)


def test_train_beside_other_folders_is_a_class_like_any_other(tmp_path):
    for name in ("bus", "car", "train"):
        write_pictures(tmp_path / name, 2)
    assert Folder(str(tmp_path)).load("train", 16).class_names == ["bus", "car", "train"]


def test_pictures_stand_upright(tmp_path):
    picture = Image.new("RGB", (16, 16))
    picture.paste((255, 0, 0), (0, 0, 16, 8))  # red above
    exif = picture.getexif()
    exif[0x0112] = 3  # stored upside down
    picture.rotate(180).save(tmp_path / "a.png", exif=exif)
    pixels = Folder(str(tmp_path)).load("train", 16).images[0]
    assert pixels[:, 0, 0].tolist() == [255, 0, 0]
    assert pixels[:, 15, 0].tolist() == [0, 0, 0]


def test_folder_missing_or_empty_is_named(tmp_path):
    with pytest.raises(SettingError, match="dataset.source.path=.*nowhere"):
        Folder(str(tmp_path / "nowhere"))
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(SettingError, match="holds no image"):
        Folder(str(tmp_path)).load("train", 16)


@pytest.mark.parametrize("content", [b"", b"not a picture at all", "half"])
def test_corrupt_picture_is_named_before_training_or_at_its_first_read(tmp_path, content):
    write_pictures(tmp_path, 3)
    whole = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    with pytest.raises(SettingError, match=r"1\.png cannot be read"):
        Folder(str(tmp_path)).load("train", 16)
    lazy = Folder(str(tmp_path), memory_limit=0).load("train", 16)
    lazy[Draw([0, 2], 0)]
    with pytest.raises(SettingError, match=r"1\.png cannot be read"):
        lazy[Draw([0, 1], 0)]
