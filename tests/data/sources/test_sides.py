"""Folders of two domains: layouts, splits, and what is said about faulty ones."""

import errno
import os
from pathlib import Path

import pytest
from PIL import Image
from sides_on_disk import SIZE, both, shades, write, write_pair

from gan_lightning.data import AlignedFolder, Folder, PairedFolder, UnpairedFolder
from gan_lightning.errors import SettingError

# --- side by side ---


@pytest.mark.parametrize("held", ["test", "val"])
def test_aligned_pictures_are_cut_in_half(tmp_path, held):
    write_pair(tmp_path / "train" / "b.png", 3, 4)
    write_pair(tmp_path / "train" / "a.png", 1, 2)
    write_pair(tmp_path / held / "c.png", 5, 6)
    source = AlignedFolder(str(tmp_path), channels_a=1, channels_b=3)
    train, test = source.load("train", SIZE), source.load("test", SIZE)
    assert both(train) == [(1, 2), (3, 4)]
    assert both(test) == [(5, 6)]
    assert (train.a.channels, train.b.channels, train.a.size) == (1, 3, SIZE)
    assert train.paired
    assert train.a2b is train.b
    assert train.b2a is train.a


def test_val_is_left_alone_where_there_is_a_test(tmp_path):
    for split, shade in (("train", 10), ("val", 20), ("test", 30)):
        write_pair(tmp_path / split / "a.png", shade, shade + 1)
    source = AlignedFolder(str(tmp_path))
    assert both(source.load("train", SIZE)) == [(10, 11)]
    assert both(source.load("test", SIZE)) == [(30, 31)]


@pytest.mark.parametrize("folder", ["", "train", "some/where"])
def test_every_tenth_pair_is_held_out_where_no_folder_is(tmp_path, folder):
    for i in range(25):
        write_pair(tmp_path / folder / f"{i:02}.png", i, i + 100)
    source = AlignedFolder(str(tmp_path))
    train, test = both(source.load("train", SIZE)), both(source.load("test", SIZE))
    assert test == [(0, 100), (10, 110), (20, 120)]
    assert sorted(train + test) == [(i, i + 100) for i in range(25)]


# --- two folders with equal names ---


def test_partners_have_one_name_but_for_the_suffix(tmp_path):
    for i, name in enumerate(("x", "deep/y", "z.1")):
        write(tmp_path / "a" / f"{name}.png", i)
        write(tmp_path / "b" / f"{name}.bmp", 100 + i)
    source = PairedFolder(str(tmp_path / "a"), str(tmp_path / "b"), channels_a=4, channels_b=1)
    found = both(source.load("train", SIZE)) + both(source.load("test", SIZE))
    assert sorted(found) == [(0, 100), (1, 101), (2, 102)]
    assert source.load("test", SIZE).a.channels == 4
    assert source.load("test", SIZE).paired


@pytest.mark.parametrize("held", ["test", "val"])
def test_folders_of_both_sides_are_the_splits(tmp_path, held):
    for side, start in (("a", 0), ("b", 100)):
        for i in range(3):
            write(tmp_path / side / "train" / f"{i}.png", start + i)
        write(tmp_path / side / held / "0.png", start + 50)
    source = PairedFolder(str(tmp_path / "a"), str(tmp_path / "b"))
    assert both(source.load("train", SIZE)) == [(0, 100), (1, 101), (2, 102)]
    assert both(source.load("test", SIZE)) == [(50, 150)]


def test_names_without_partner_are_listed(tmp_path):
    for i in range(14):
        write(tmp_path / "a" / f"{i:02}.png", i)
    write(tmp_path / "b" / "00.png", 0)
    write(tmp_path / "b" / "other.png", 0)
    with pytest.raises(SettingError) as error:
        PairedFolder(str(tmp_path / "a"), str(tmp_path / "b"))
    listed = ", ".join(f"{i:02}" for i in range(1, 11))
    assert f"13 only in a: {listed} and 3 more; 1 only in b: other" in str(error.value)


def test_two_pictures_of_one_name_are_refused(tmp_path):
    write(tmp_path / "a" / "x.png", 0)
    write(tmp_path / "b" / "x.png", 0)
    write(tmp_path / "b" / "x.bmp", 0)
    with pytest.raises(SettingError, match=r"dataset.source.b=.*x\.bmp and x\.png"):
        PairedFolder(str(tmp_path / "a"), str(tmp_path / "b"))


# --- two domains ---


def test_domains_have_folders_of_their_own(tmp_path):
    for folder, start, count in (("trainA", 0, 3), ("trainB", 50, 2), ("testA", 100, 1), ("testB", 150, 2)):
        for i in range(count):
            write(tmp_path / folder / f"{i}.png", start + i)
    source = UnpairedFolder(str(tmp_path), channels_a=1, channels_b=2)
    train, test = source.load("train", SIZE), source.load("test", SIZE)
    assert (shades(train.a), shades(train.b)) == ([0, 1, 2], [50, 51])
    assert (shades(test.a), shades(test.b)) == ([100], [150, 151])
    assert (train.a.channels, train.b.channels) == (1, 2)
    assert train[2:] == test[2:] == (None, None, False)


def test_every_tenth_picture_of_a_domain_is_held_out_where_no_folder_is(tmp_path):
    for i in range(21):
        write(tmp_path / "trainA" / f"{i:02}.png", i)
        write(tmp_path / "trainB" / f"{i:02}.png", 100 + i)
    write(tmp_path / "testB" / "0.png", 200)
    source = UnpairedFolder(str(tmp_path))
    train, test = source.load("train", SIZE), source.load("test", SIZE)
    assert shades(test.a) == [0, 10, 20]
    assert sorted(shades(train.a) + shades(test.a)) == list(range(21))
    assert shades(test.b) == [200]
    assert shades(train.b) == list(range(100, 121))


@pytest.mark.parametrize(
    ("present", "message"),
    [([], "no subfolder trainA and no trainB"), (["trainA"], "no subfolder trainB"), (["trainB"], "subfolder trainA")],
)
def test_missing_domains_are_named(tmp_path, present, message):
    for folder in present:
        write(tmp_path / folder / "a.png", 0)
    with pytest.raises(SettingError, match=message):
        UnpairedFolder(str(tmp_path))


def test_an_empty_domain_is_named(tmp_path):
    write(tmp_path / "trainA" / "a.png", 0)
    (tmp_path / "trainB").mkdir()
    with pytest.raises(SettingError, match="its subfolder trainB holds no picture"):
        UnpairedFolder(str(tmp_path))


def test_a_domain_that_is_a_link_is_named_as_left_out(tmp_path):
    write(tmp_path / "trainA" / "a.png", 0)
    write(tmp_path / "photos" / "b.png", 0)
    (tmp_path / "trainB").symlink_to("photos")
    with pytest.raises(SettingError, match="its subfolder trainB holds no picture; links to folders, .*trainB"):
        UnpairedFolder(str(tmp_path))


def test_a_folder_without_permission_is_named(tmp_path, monkeypatch):
    def refused(path, *_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refused)
    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(SettingError, match=r"cannot be read \(no permission\)"):
        UnpairedFolder(str(tmp_path))


# --- all of them ---


def test_missing_and_empty_folders_are_named(tmp_path):
    (tmp_path / "empty").mkdir()
    nowhere, empty = str(tmp_path / "nowhere"), str(tmp_path / "empty")
    for make in (lambda path: AlignedFolder(path), lambda path: UnpairedFolder(path)):
        with pytest.raises(SettingError, match="dataset.source.path=.*nowhere: this folder does not exist"):
            make(nowhere)
    with pytest.raises(SettingError, match="dataset.source.b=.*nowhere: this folder does not exist"):
        PairedFolder(empty, nowhere)
    with pytest.raises(SettingError, match="dataset.source.path=.*empty: holds no picture"):
        AlignedFolder(empty)
    with pytest.raises(SettingError, match="dataset.source.a=.*empty: holds no picture"):
        PairedFolder(empty, empty)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(SettingError, match="dataset.source.b=.*empty: holds no picture"):
        PairedFolder(str(tmp_path), empty)


def test_a_test_folder_without_train_is_refused(tmp_path):
    write_pair(tmp_path / "test" / "a.png", 1, 2)
    with pytest.raises(SettingError, match="to hold out in test, but none in train"):
        AlignedFolder(str(tmp_path))


@pytest.mark.parametrize("channels", [2, 4])
def test_folder_of_classes_takes_transparent_pictures(tmp_path, channels):
    for i, name in enumerate(("cats", "dogs")):
        write(tmp_path / name / "a.png", 50 + i)
    images = Folder(str(tmp_path), channels).load("train", 16)
    assert images.class_names == ["cats", "dogs"]
    assert images.images.shape == (2, channels, 16, 16)
    assert images.images[:, -1].min() == 255
    with pytest.raises(SettingError, match="dataset.source.channels=7"):
        Folder(str(tmp_path), 7)
