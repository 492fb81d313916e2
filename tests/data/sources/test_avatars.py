"""Drawn faces and their labels."""

import pytest
import torch

from gan_lightning.data import Avatars
from gan_lightning.errors import SettingError


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
