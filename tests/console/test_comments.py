"""Comments behind commands, which zsh hands on as arguments."""

import sys

import pytest

from gan_lightning.console.comments import drop_comment


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (["gan-train", "lr=1", "#", "a", "comment"], ["gan-train", "lr=1"]),
        (["gan-train", "#", "one", "#", "two"], ["gan-train"]),
        (["gan-train", "labels=#28150a", "name=a#b"], ["gan-train", "labels=#28150a", "name=a#b"]),
    ],
)
def test_a_lone_sign_and_all_behind_it_are_dropped(monkeypatch, typed, kept):
    monkeypatch.setattr(sys, "argv", typed)
    drop_comment()
    assert sys.argv == kept
