"""Pictures that are files: read again and again or held in memory, and those that cannot be read."""

import os
import re

import pytest
from PIL import Image
from sides_on_disk import ALL, SIZE, both, paired, write, write_pair

from gan_lightning.data import AlignedFolder, Draw, Folder, PairedFolder, TensorImages
from gan_lightning.data.contracts import read_together
from gan_lightning.errors import SettingError


def test_pictures_are_squeezed_whole_into_the_size(tmp_path):
    picture = Image.new("L", (80, 20))
    picture.paste(255, (20, 0, 40, 20))  # the right half of the left half
    picture.save(tmp_path / "a.png")
    a = AlignedFolder(str(tmp_path), channels_a=1).load("test", (10, 10)).a.pixels([0])
    assert a.shape == (1, 1, 10, 10)
    assert (a[..., :4] < 30).all()
    assert (a[..., 6:] > 225).all()


@pytest.mark.parametrize("skip_broken", [False, True])
def test_a_deep_picture_that_is_called_jpg_is_not_read_by_a_range_of_its_own(tmp_path, caplog, skip_broken):
    Image.new("L", (8, 8), 7).save(tmp_path / "a.png")
    Image.new("F", (8, 8), 0.5).save(tmp_path / "b.tif")
    (tmp_path / "b.tif").rename(tmp_path / "b.jpg")
    source = Folder(str(tmp_path), skip_broken=skip_broken)
    said = r"b\.jpg: has more than 8 bits, which its name does not say; .*TIFF"
    if skip_broken:
        assert source.load("train", 8).pixels([1]).unique().tolist() == [7]
        assert re.search(said, caplog.text)
    else:
        with pytest.raises(SettingError, match=said):
            source.load("train", 8)


def test_a_picture_whose_pixels_are_not_finite_is_named_for_that_where_all_others_have_8_bits(tmp_path, caplog):
    Image.new("L", (8, 8), 7).save(tmp_path / "a.png")
    Image.new("F", (8, 8), float("nan")).save(tmp_path / "b.tif")
    assert Folder(str(tmp_path), skip_broken=True).load("train", 8).pixels([1]).unique().tolist() == [7]
    assert re.search(r"b\.tif cannot be read as an image \(64 of its 64 pixels are NaN", caplog.text)


def test_odd_width_is_named(tmp_path):
    write_pair(tmp_path / "even.png", 1, 2)
    write_pair(tmp_path / "odd.png", 1, 2, width=25)
    with pytest.raises(SettingError, match=r"odd\.png: is 25 pixels wide"):
        AlignedFolder(str(tmp_path)).load("train", SIZE)


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
