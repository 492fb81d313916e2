"""Files lie where the user's folders are."""

import os
from pathlib import Path

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.files import expanded


def test_account_without_a_home_folder_is_told_what_to_set(monkeypatch):
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert expanded("/data") == Path("/data")
    with pytest.raises(SettingError, match=r"~/\.cache.*no home folder.*GAN_LIGHTNING_CACHE=FOLDER.*cache_dir=FOLDER"):
        expanded("~/.cache/gan_lightning")
