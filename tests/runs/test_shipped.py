"""The models that come with the package make pictures at once, and say what they are."""

import json

import pytest

import gan_lightning
from gan_lightning.errors import SettingError
from gan_lightning.runs.checkpoint import read
from gan_lightning.runs.shipped import FOLDER, shipped_model, shipped_models


def test_there_are_some():
    assert "avatars" in shipped_models()
    assert shipped_model("avatars") == FOLDER / "avatars"
    assert shipped_model("avatar") is None


@pytest.mark.parametrize("name", shipped_models())
def test_a_shipped_model_is_small_and_has_a_card(name):
    assert sum(file.stat().st_size for file in (FOLDER / name).iterdir()) < 3_000_000
    assert json.loads((FOLDER / name / "config.json").read_text())["format"] == "checkpoint"
    card = (FOLDER / name / "README.md").read_text()
    assert "Of the weights: CC0-1.0." in card
    config = read(name)["config"]
    assert not [text for text in map(str, config.values()) if "/tmp" in text or "/work" in text or "/home" in text]


def test_a_shipped_model_makes_pictures_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures = gan_lightning.load("avatars").images(8, seed=0)
    assert pictures.shape == (8, 3, 32, 32)
    assert pictures.std(0).mean() > 0.1  # of which no two are alike
    (tmp_path / "avatars").mkdir()  # a file of the user's comes first
    with pytest.raises(SettingError, match="^checkpoint=.*avatars: this folder holds no checkpoint"):
        gan_lightning.load("avatars")


def test_a_name_that_nothing_has_is_answered_with_those_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        SettingError, match=r"^checkpoint=avatar: there is no such .* come with gan_lightning are .*avatars"
    ):
        read("avatar")
