"""Folders of two domains: layouts, splits, and what is said about faulty ones."""

import os
import re
from pathlib import Path

import pytest
import torch
from PIL import Image

from gan_lightning.data import (
    AlignedFolder,
    Draw,
    Folder,
    PairedData,
    PairedFolder,
    Sides,
    TensorImages,
    UnpairedData,
    UnpairedFolder,
)
from gan_lightning.data.contracts import read_together
from gan_lightning.errors import SettingError

SIZE = (8, 12)


def write(file: Path, shade: int, size: tuple[int, int] = (12, 8)) -> None:
    """A grey picture of one shade, which tells files apart."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, shade).save(file)


def write_pair(file: Path, left: int, right: int, width: int = 24) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("L", (width, 8), left)
    picture.paste(right, (width // 2, 0, width, 8))
    picture.save(file)


def shades(images: object) -> list[int]:
    first_channel = images.pixels(list(range(len(images))))[:, 0].flatten(1)
    assert torch.equal(first_channel.amin(1), first_channel.amax(1)), "a picture of more than one shade"
    return first_channel[:, 0].tolist()


def both(sides: Sides) -> list[tuple[int, int]]:
    return list(zip(shades(sides.a), shades(sides.b), strict=True))


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


def test_pictures_are_squeezed_whole_into_the_size(tmp_path):
    picture = Image.new("L", (80, 20))
    picture.paste(255, (20, 0, 40, 20))  # the right half of the left half
    picture.save(tmp_path / "a.png")
    a = AlignedFolder(str(tmp_path), channels_a=1).load("test", (10, 10)).a.pixels([0])
    assert a.shape == (1, 1, 10, 10)
    assert (a[..., :4] < 30).all()
    assert (a[..., 6:] > 225).all()


def test_odd_width_is_named(tmp_path):
    write_pair(tmp_path / "even.png", 1, 2)
    write_pair(tmp_path / "odd.png", 1, 2, width=25)
    with pytest.raises(SettingError, match=r"odd\.png: is 25 pixels wide"):
        AlignedFolder(str(tmp_path)).load("train", SIZE)


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


# --- all of them ---


def aligned(folder: Path, **settings: object) -> AlignedFolder:
    for i in range(12):
        write_pair(folder / f"{i:02}.png", i, 100 + i)
    return AlignedFolder(str(folder), **settings)


def paired(folder: Path, **settings: object) -> PairedFolder:
    for i in range(12):
        write(folder / "a" / f"{i:02}.png", i)
        write(folder / "b" / f"{i:02}.png", 100 + i)
    return PairedFolder(str(folder / "a"), str(folder / "b"), **settings)


def unpaired(folder: Path, **settings: object) -> UnpairedFolder:
    for i in range(12):
        write(folder / "trainA" / f"{i:02}.png", i)
        write(folder / "trainB" / f"{i:02}.png", 100 + i)
    return UnpairedFolder(str(folder), **settings)


ALL = [aligned, paired, unpaired]


@pytest.mark.parametrize("make", ALL)
def test_sets_in_memory_equal_those_on_disk(tmp_path, make):
    held = make(tmp_path, memory_limit=10 * 2 * 3 * 8 * 12).load("train", SIZE)
    read = make(tmp_path, memory_limit=10 * 2 * 3 * 8 * 12 - 1).load("train", SIZE)
    assert isinstance(held.a, TensorImages)
    assert not isinstance(read.a, TensorImages)
    assert both(held) == both(read)
    assert read.a.fingerprint != read.b.fingerprint
    assert read.a.size == held.a.size == SIZE


@pytest.mark.parametrize("make", ALL)
def test_fingerprint_of_files_changes_with_size_and_with_a_file(tmp_path, make):
    source = make(tmp_path, memory_limit=0)
    first = source.load("train", SIZE).a.fingerprint
    assert source.load("train", SIZE).a.fingerprint == first
    assert source.load("train", (8, 8)).a.fingerprint != first
    for file in sorted(tmp_path.rglob("03.png")):
        os.utime(file, (0, 0))
    assert source.load("train", SIZE).a.fingerprint != first


@pytest.mark.parametrize("make", ALL)
def test_corrupt_picture_is_named_before_training_or_at_its_first_read(tmp_path, make):
    held, lazy = make(tmp_path), make(tmp_path, memory_limit=0)
    for file in tmp_path.rglob("05.png"):
        file.write_bytes(b"broken")
    with pytest.raises(SettingError, match=r"05\.png cannot be read"):
        held.load("train", SIZE)
    sides = lazy.load("train", SIZE)
    sides.a.pixels([0, 1])
    with pytest.raises(SettingError, match=r"05\.png cannot be read"):
        sides.a.pixels(list(range(len(sides.a))))


@pytest.mark.parametrize("limit", [0, 2**30])
@pytest.mark.parametrize("broken", ["a/05.png", "b/05.png", "b/11.png"])
def test_next_pair_stands_for_one_of_which_a_side_is_broken(tmp_path, limit, broken, caplog):
    paired(tmp_path)
    (tmp_path / broken).write_bytes(b"broken")
    source = PairedFolder(str(tmp_path / "a"), str(tmp_path / "b"), memory_limit=limit, skip_broken=True)
    sides = source.load("train", SIZE)
    names = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]  # 0 and 10 are held out
    place = names.index(int(broken[2:4]))
    a, b = (pixels[:, 0, 0, 0].tolist() for pixels in read_together([sides.a, sides.b], list(range(10))))
    names[place] = names[(place + 1) % 10]
    assert a == names
    assert b == [100 + name for name in names]
    assert len(re.findall(r"another one replaces it \(1 such files so far\)", caplog.text)) == 1
    assert f"{broken} cannot be read" in caplog.text


def test_picture_of_the_same_class_stands_for_a_broken_one(tmp_path):
    for i in range(6):
        write(tmp_path / f"class{i % 2}" / f"{i}.png", i)
    (tmp_path / "class0" / "2.png").write_bytes(b"broken")
    images = Folder(str(tmp_path), memory_limit=0, skip_broken=True).load("train", 8)
    drawn = images[Draw(list(range(6)), 0)]  # class0: 0, 2, 4; class1: 1, 3, 5
    assert ((drawn.image[:, 0, 0, 0] + 1) * 127.5).round().int().tolist() == [0, 4, 4, 1, 3, 5]
    assert drawn.condition.tolist() == [0, 0, 0, 1, 1, 1]
    for i in (0, 4):
        (tmp_path / "class0" / f"{i}.png").write_bytes(b"broken")
    with pytest.raises(SettingError, match="every other picture like it cannot be read"):
        images[Draw([0], 0)]


@pytest.mark.parametrize("make", ALL)
def test_unknown_split_and_channels_are_named(tmp_path, make):
    with pytest.raises(SettingError, match="split=valid: .*train and test"):
        make(tmp_path).load("valid", SIZE)
    with pytest.raises(SettingError, match="dataset.source.channels_b=5: allowed are 1"):
        make(tmp_path, channels_b=5)
    with pytest.raises(SettingError, match="dataset.source.channels_a=0"):
        make(tmp_path, channels_a=0)


def test_missing_and_empty_folders_are_named(tmp_path):
    (tmp_path / "empty").mkdir()
    nowhere, empty = str(tmp_path / "nowhere"), str(tmp_path / "empty")
    for make in (lambda path: AlignedFolder(path), lambda path: UnpairedFolder(path)):
        with pytest.raises(SettingError, match="dataset.source.path=.*nowhere: there is no such folder"):
            make(nowhere)
    with pytest.raises(SettingError, match="dataset.source.b=.*nowhere: there is no such folder"):
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


@pytest.mark.parametrize("make", ALL)
def test_links_that_lead_outside_are_refused(tmp_path, make):
    write(tmp_path / "outside.png", 0)
    make(tmp_path / "set")
    link = next((tmp_path / "set").rglob("01.png")).parent / "02x.png"
    link.symlink_to(tmp_path / "outside.png")
    with pytest.raises(SettingError, match=r"02x\.png: leads to"):
        make(tmp_path / "set")


def test_pairs_and_domains_train_from_files_with_workers(tmp_path):
    settings = {"resolution": [8, 8], "load": [10, 12], "batch_size": 5, "seed": 0, "flip": True, "num_workers": 1}
    pairs = PairedData(aligned(tmp_path / "pairs", memory_limit=0), **settings)
    assert pairs.spec().size == 10
    batches = list(pairs.train_dataloader())
    assert [batch.source.shape for batch in batches] == [(5, 3, 8, 8)] * 2
    source, target = (torch.cat([batch[k] for batch in batches])[:, 0, 0, 0] for k in range(2))
    assert torch.allclose(target - source, torch.tensor(100 / 127.5), atol=1e-5)
    domains = UnpairedData(unpaired(tmp_path / "domains", memory_limit=0), **settings)
    assert [len(held.source) for held in domains.val_dataloader()] == [2, 2]


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
