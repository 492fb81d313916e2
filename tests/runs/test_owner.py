"""One owner per folder, however it ends."""

import fcntl
import json
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.runs import owner
from gan_lightning.runs.owner import FILE, begin, join, owned, read


def child(work) -> int:
    """Run a function in a process of its own."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def when(condition) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise TimeoutError


def test_second_is_refused_and_told_who_holds_the_folder(tmp_path):
    with owned(tmp_path, ["seed=1"]):
        before = (tmp_path / FILE).read_bytes()
        with pytest.raises(SettingError) as refused, owned(tmp_path, []):
            pass
        assert f"is in use by process {os.getpid()} on {socket.gethostname()}, since " in str(refused.value)
        assert (tmp_path / FILE).read_bytes() == before
        assert read(tmp_path).overrides == ["seed=1"]
    assert not list(tmp_path.iterdir())
    with owned(tmp_path, []):
        pass


def test_killed_owner_leaves_no_lock(tmp_path):
    def hold() -> None:
        with owned(tmp_path, []):
            (tmp_path / "held").touch()
            time.sleep(60)

    pid = child(hold)
    when((tmp_path / "held").exists)
    with pytest.raises(SettingError, match=f"process {pid} "), owned(tmp_path, []):
        pass
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert (tmp_path / FILE).exists()
    with owned(tmp_path, []):
        assert read(tmp_path).pid == os.getpid()


def test_other_processes_of_a_killed_run_are_waited_for(tmp_path, monkeypatch):
    def hold() -> None:
        with owned(tmp_path, []):
            (tmp_path / "held").touch()
            time.sleep(60)

    def member() -> None:
        join(tmp_path)
        (tmp_path / "joined").touch()
        time.sleep(1.5)

    first = child(hold)
    when((tmp_path / "held").exists)
    second = child(member)
    when((tmp_path / "joined").exists)
    os.kill(first, signal.SIGKILL)
    # It has ended, but nobody asks how: so it is where a notebook started it, which goes on.
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    monkeypatch.setattr(owner, "PATIENCE", 0.3)
    with pytest.raises(SettingError, match="in use"), owned(tmp_path, []):
        pass
    monkeypatch.setattr(owner, "PATIENCE", 30.0)
    with owned(tmp_path, []):
        assert os.waitpid(second, os.WNOHANG)[0] == second
    os.waitpid(first, 0)


def test_reader_of_data_that_outlives_a_killed_owner_does_not_hold_the_folder(tmp_path, monkeypatch):
    """Readers are forked, with all open files. One that hangs would otherwise hold the folder for ever."""

    def hold() -> None:
        with owned(tmp_path, []):
            reader = child(lambda: time.sleep(60))
            (tmp_path / "reader").write_text(str(reader))
            (tmp_path / "held").touch()
            time.sleep(60)

    pid = child(hold)
    when((tmp_path / "held").exists)
    with pytest.raises(SettingError, match=f"process {pid} "), owned(tmp_path, []):
        pass
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    monkeypatch.setattr(owner, "PATIENCE", 0.0)
    try:
        with owned(tmp_path, []):
            pass
    finally:
        os.kill(int((tmp_path / "reader").read_text()), signal.SIGKILL)


def test_of_many_at_once_one_gets_the_folder(tmp_path):
    def compete() -> None:
        try:
            with owned(tmp_path, []):
                (tmp_path / f"won{os.getpid()}").touch()
                when(lambda: len(list(tmp_path.glob("lost*"))) == 7)
        except SettingError:
            (tmp_path / f"lost{os.getpid()}").touch()

    for pid in [child(compete) for _ in range(8)]:
        os.waitpid(pid, 0)
    names = [re.sub(r"\d", "", path.name) for path in tmp_path.iterdir()]
    assert sorted(names) == ["lost"] * 7 + ["won"]


def test_damaged_file_of_an_owner_is_no_obstacle(tmp_path):
    (tmp_path / FILE).write_bytes(b"\xff{")
    assert read(tmp_path) is None
    with owned(tmp_path, []):
        (tmp_path / FILE).write_text("[]")
        with pytest.raises(SettingError, match="in use by another process"), owned(tmp_path, []):
            pass
        assert begin(tmp_path) is None


def test_pipe_in_place_of_the_owners_file_is_no_reason_to_wait(tmp_path):
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(SettingError, match="is not a file"), owned(tmp_path, []):
        pass


def test_file_system_without_locks_is_warned_of(tmp_path, monkeypatch, caplog):
    def none(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", none)
    with owned(tmp_path, []):
        assert json.loads((tmp_path / FILE).read_text())["pid"] == os.getpid()
        join(tmp_path)
    assert "this file system has no locks" in caplog.text


def test_begun_is_remembered(tmp_path):
    assert begin(tmp_path) is None
    with owned(tmp_path, []):
        assert not read(tmp_path).begun
        begin(tmp_path)
        assert read(tmp_path).begun


def test_joining_without_an_owner_is_no_error(tmp_path: Path):
    join(tmp_path)
