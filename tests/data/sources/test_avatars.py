"""Drawn faces: their labels, domains of two values of an attribute, and of two styles."""

from pathlib import Path

import pytest
import torch

from gan_lightning.data import AvatarAttribute, Avatars, AvatarStyles, Sides
from gan_lightning.errors import SettingError

SMALL = (16, 16)


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Avatars:
    return Avatars(str(tmp_path_factory.mktemp("avatars")), "pixel-art", "clothing_color", num_train=60, num_test=20)


def test_avatars_labels_are_the_colours_in_the_pictures(faces):
    images = faces.load("train", 32)
    for i in range(60):
        value = images.class_names[images.labels[i]]
        colour = torch.tensor([int(value[k : k + 2], 16) for k in (1, 3, 5)])
        distance = (images.images[i].long() - colour[:, None, None]).abs().amax(0)
        assert distance.min() <= 2, f"face {i} has no pixel of clothes {value}"


def test_avatars_hats_and_glasses_agree_with_their_colours(faces):
    attributes = faces.load("train", 32).attributes
    for thing in ("hat", "glasses", "accessories"):
        assert torch.equal(attributes[thing] > 0, attributes[f"{thing}_color"] > 0)
    assert attributes["glasses"].unique().numel() > 1


def test_avatars_splits_are_disjoint_and_cached(faces):
    train, test = faces.load("train", 32), faces.load("test", 32)
    assert not {image.numpy().tobytes() for image in train.images} & {image.numpy().tobytes() for image in test.images}
    assert faces.load("train", 32).fingerprint == train.fingerprint
    assert len(list(faces.cache_dir.glob("avatars-*.pt"))) == 2
    assert faces.load("test", 64).images.shape == (20, 3, 64, 64)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"style": "no-such"}, "dataset.source.style=no-such.*pixel-art"),
        ({"label": "shoes"}, "dataset.source.label=shoes.*hair_color"),
    ],
)
def test_avatars_name_what_is_allowed(tmp_path, settings, message):
    defaults = {"style": "pixel-art", "label": "hair_color", "num_train": 1, "num_test": 1}
    with pytest.raises(SettingError, match=message):
        Avatars(str(tmp_path), **{**defaults, **settings})


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
