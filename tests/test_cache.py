"""The cache is written once, atomically, and keyed by everything that matters."""

import fcntl
import subprocess
import sys
from threading import Timer

import pytest
import torch
from filelock import FileLock

from gan_lightning import cache
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


def only_file(folder):
    (path,) = folder.glob("*.pt")
    return path


def flipped(whole: bytes) -> bytes:
    return bytes(byte ^ (i == len(whole) // 2) for i, byte in enumerate(whole))


@pytest.mark.parametrize(
    "damage",
    [
        flipped,
        lambda whole: whole[: len(whole) // 2],
        lambda whole: b"",
        lambda whole: b"no cache file",
        lambda whole: whole[:-72],  # without its digest, as another program would write it
    ],
    ids=["flipped", "cut", "empty", "text", "foreign"],
)
def test_damaged_file_is_named_once_and_made_again(tmp_path, caplog, damage):
    content = {"images": torch.arange(1000)}
    cached(tmp_path, "thing", {}, lambda: content)
    path = only_file(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    for _ in range(2):
        assert torch.equal(cached(tmp_path, "thing", {}, lambda: content)["images"], content["images"])
    (told,) = caplog.messages
    assert str(path) in told
    assert "made again" in told


def test_file_of_another_key_is_made_again(tmp_path, caplog):
    cached(tmp_path, "thing", {"a": 1}, lambda: 1)
    one = only_file(tmp_path)
    content = one.read_bytes()
    one.unlink()
    cached(tmp_path, "thing", {"a": 2}, lambda: 2)
    only_file(tmp_path).write_bytes(content)
    assert cached(tmp_path, "thing", {"a": 2}, lambda: 3) == 3
    assert "holds other data than its name says" in caplog.text


def test_what_killed_writers_left_is_removed_unless_somebody_writes_it(tmp_path):
    written, left, older = (f"thing-{digit * 16}" for digit in "abc")
    for name in (f".{written}.pt.partial", f".{left}.pt.partial", f"{older}.4242", "notes.4242"):
        (tmp_path / name).write_bytes(b"half")
    with FileLock(tmp_path / f"{written}.lock"):
        cached(tmp_path, "thing", {}, lambda: 1)
    assert {path.name for path in tmp_path.iterdir() if path.read_bytes() == b"half"} == {
        f".{written}.pt.partial",
        "notes.4242",
    }


def test_waiting_for_another_run_is_told(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(cache, "PATIENCE", 0.05)
    other = (tmp_path / "thing.lock").open("w")
    fcntl.flock(other, fcntl.LOCK_EX)
    Timer(0.3, other.close).start()
    cache.acquired(tmp_path / "thing.lock").release()
    assert f"Waiting for another run that is making thing (lock file {tmp_path / 'thing.lock'})" in caplog.text


def test_a_full_cache_is_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    cached(tmp_path, "thing", {}, lambda: 1)

    def refused(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(cache, "acquired", refused)
    assert cached(tmp_path, "thing", {}, lambda: 2) == 1
    with pytest.raises(SettingError, match="cache_dir=.*Permission denied.*GAN_LIGHTNING_CACHE=FOLDER"):
        cached(tmp_path, "other", {}, lambda: 2)


@pytest.mark.parametrize("suffix", [".pt", ".lock"])
def test_a_folder_in_place_of_a_file_is_named_before_anything_is_made(tmp_path, suffix):
    cached(tmp_path, "thing", {"a": 1}, lambda: 1)
    file = only_file(tmp_path)
    for path in (file, file.with_suffix(".lock")):
        path.unlink()
    wrong = file.with_suffix(suffix)
    wrong.mkdir()
    with pytest.raises(SettingError) as told:
        cached(tmp_path, "thing", {"a": 1}, lambda: pytest.fail("made"))
    assert str(told.value).startswith(f"{wrong}: the cache needs a file here, but this is not a file")
