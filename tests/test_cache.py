"""The cache is written once, atomically, and keyed by everything that matters."""

import subprocess
import sys

import pytest

from gan_lightning.cache import cached
from gan_lightning.errors import SettingError

ASK = """
import sys, time
from pathlib import Path
from gan_lightning.cache import cached

def make():
    with open(sys.argv[1] + "/calls", "a") as file:
        file.write("x")
    time.sleep(1)
    return 7

assert cached(Path(sys.argv[1], "cache"), "thing", {"a": 1}, make) == 7
"""


def test_processes_that_ask_at_once_make_it_once(tmp_path):
    processes = [subprocess.Popen([sys.executable, "-c", ASK, str(tmp_path)]) for _ in range(2)]
    assert [process.wait(120) for process in processes] == [0, 0]
    assert (tmp_path / "calls").read_text() == "x"


def test_another_key_is_another_file(tmp_path):
    first = cached(tmp_path, "thing", {"a": 1}, lambda: 1)
    second = cached(tmp_path, "thing", {"a": 2}, lambda: 2)
    assert (first, second) == (1, 2)
    assert cached(tmp_path, "thing", {"a": 1}, lambda: 3) == 1


def test_failure_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        cached(tmp_path, "thing", {}, lambda: 1 / 0)
    assert cached(tmp_path, "thing", {}, lambda: 5) == 5


def test_name_cannot_lead_out_of_the_folder(tmp_path):
    with pytest.raises(SettingError, match="another folder"):
        cached(tmp_path / "cache", "../thing", {}, lambda: 1)


def test_unwritable_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="cache_dir="):
        cached(tmp_path / "file" / "cache", "thing", {}, lambda: 1)
