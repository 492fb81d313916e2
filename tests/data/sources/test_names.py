"""Surnames from their package."""

import pytest

from gan_lightning.data import SequenceData, Surnames
from gan_lightning.data.sources import names
from gan_lightning.errors import SettingError


def test_names_are_split_and_none_is_lost() -> None:
    pytest.importorskip("names")
    source = Surnames(size=50)
    data = SequenceData(source, batch_size=4, num_fake=2, seed=0)
    assert (len(data.token), len(data.held_out)) == (45, 5)
    rows = {tuple(row) for part in (data.token, data.held_out) for row in part.tolist()}
    assert len(rows) == 50
    smith = [ord(letter) - ord("a") + 1 for letter in "smith"]
    assert (*smith, *[0] * 8) in rows


def test_one_name_leaves_none_for_training() -> None:
    with pytest.raises(SettingError, match="dataset.source.size=1: a whole number from 2"):
        Surnames(size=1)


def test_a_limit_that_is_too_short_is_named() -> None:
    pytest.importorskip("names")
    with pytest.raises(
        SettingError,
        match="dataset.source.length=4: the sequence '.*' has . tokens; choose dataset.source.length=. or more",
    ):
        Surnames(size=50, length=4).load("train")


def test_without_the_package_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr(names, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"pip install 'gan-lightning\[names\]'"):
        Surnames()
