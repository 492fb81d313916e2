"""Pictures of a folder as they are: none is resized, converted or left out without a word."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lightning.data import TensorImages
from gan_lightning.data.pictures import notes_of_losses
from gan_lightning.data.sources import unchanged
from gan_lightning.data.sources.unchanged import PictureFiles, Unchanged
from gan_lightning.errors import SettingError


def write(file: Path, channels: int = 3, size: tuple[int, int] = (7, 5)) -> np.ndarray:
    file.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(len(str(file)) + ord(file.stem[0]))
    pixels = random.integers(256, size=(*size, channels), dtype=np.uint8)
    Image.fromarray(pixels.squeeze(2) if channels == 1 else pixels).save(file)
    return pixels


@pytest.mark.parametrize(
    "name",
    ["tiff_lzw.tif", "jpeg.tif", "tiff_adobe_deflate.tif", "a.jp2", "a.pcx", "a.ppm", "a.tga", "a.webp", "a.png"],
)
@pytest.mark.parametrize("side", [20, 60, 400])
def test_colours_of_8_bits_are_taken_in_every_format(tmp_path: Path, name: str, side: int) -> None:
    random = np.random.default_rng(0)
    picture = Image.fromarray(random.integers(256, size=(side, side, 3), dtype=np.uint8))
    picture.save(tmp_path / name, **({"compression": Path(name).stem} if name.endswith(".tif") else {}))
    assert Unchanged("real", str(tmp_path)).shape == (3, side, side)
    assert notes_of_losses([tmp_path / name], "value_range") == []


@pytest.mark.parametrize("limit", [2**30, 0])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pixels_are_those_of_the_files(
    tmp_path: Path, channels: int, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unchanged, "MEMORY_LIMIT", limit)
    written = [write(tmp_path / f"{name}.png", channels) for name in "abc"]
    source = Unchanged("real", str(tmp_path))
    images = source.load("train", 64)  # any size
    assert isinstance(images, TensorImages if limit else PictureFiles)
    assert images.pixels([2, 0]).permute(0, 2, 3, 1).numpy().tolist() == [written[2].tolist(), written[0].tolist()]
    assert (images.channels, images.size, images.label_name) == (channels, (7, 5), None)
    with pytest.raises(SettingError, match=r"split=test: real=.* is one split, train"):
        source.load("test", 64)


@pytest.mark.parametrize(
    ("names", "classes", "labels"),
    [
        (["test/a", "train/b", "train/c"], ["test", "train"], [0, 1, 1]),  # names that mean nothing here
        (["cats/a", "cats/b"], [], [0, 0]),
        (["cats/a", "dogs/b", "c"], [], [0, 0, 0]),
    ],
)
def test_two_subfolders_or_more_are_classes(
    tmp_path: Path, names: list[str], classes: list[str], labels: list[int]
) -> None:
    for name in names:
        write(tmp_path / f"{name}.png")
    images = Unchanged("real", str(tmp_path)).load("train", 0)
    assert (images.class_names, images.labels.tolist()) == (classes, labels)


@pytest.mark.parametrize(("channels", "size"), [(1, (7, 5)), (3, (5, 7))])
def test_pictures_that_differ_are_named(tmp_path: Path, channels: int, size: tuple[int, int]) -> None:
    write(tmp_path / "a.png")
    write(tmp_path / "b.png", channels, size)
    with pytest.raises(SettingError, match=r"fake=.*: its pictures differ: a\.png has .*, b\.png .*; convert all"):
        Unchanged("fake", str(tmp_path))


def test_what_changed_since_the_folder_was_looked_at_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "MEMORY_LIMIT", 0)
    for name in "ab":
        write(tmp_path / f"{name}.png")
    images = Unchanged("real", str(tmp_path)).load("train", 0)
    write(tmp_path / "a.png", size=(9, 9))
    (tmp_path / "b.png").write_bytes(b"broken")
    with pytest.raises(SettingError, match=r"a\.png: has .*; convert it"):
        images.pixels([0])
    with pytest.raises(SettingError, match=r"b\.png cannot be read .*; take it out of the folder"):
        images.pixels([1])


def test_a_folder_without_pictures_tells_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(SettingError, match=r"real=.*: holds no image .*; files that are not pictures: 1"):
        Unchanged("real", str(tmp_path))
