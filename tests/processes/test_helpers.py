"""Processes beside a run."""

import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

import gan_lightning
from gan_lightning.processes import helpers

# Without PYTHONSAFEPATH, as on Python 3.10, which does not know it.
STARTED = """
import sys
sys.path = [entry for entry in sys.path if entry]
from gan_lightning.processes.helpers import start_multiprocessing
from multiprocessing import get_context
start_multiprocessing("gan_lightning.errors")
process = get_context("forkserver").Process(target=print, args=("it works",))
process.start()
process.join()
"""


def test_multiprocessing_imports_nothing_from_the_working_folder(tmp_path):
    for name in ("multiprocessing", "signal", "socket", "sitecustomize", "gan_lightning"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'RAN')!r}, 'a').write({name!r})\n")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
    environment["PYTHONPATH"] = str(Path(gan_lightning.__file__).parents[1])
    command = [sys.executable, "-P", "-c", STARTED] if sys.version_info >= (3, 11) else [sys.executable, "-c", STARTED]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "it works\n", done.stderr
    assert not (tmp_path / "RAN").exists(), (tmp_path / "RAN").read_text()


KILLED = """
import os, signal, sys, time
from gan_lightning.processes.helpers import waking
with waking([int(sys.argv[1])]):
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_stopped_process_goes_on_only_if_its_watcher_is_killed():
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        try:
            for how, expected in (("ends", "T"), ("killed", "S")):
                os.kill(sleeper.pid, signal.SIGSTOP)
                subprocess.run([sys.executable, "-c", KILLED, str(sleeper.pid), how], check=False)
                for _ in range(50):
                    if (found := state(sleeper.pid)) == expected:
                        break
                    time.sleep(0.1)
                time.sleep(0.2)
                assert found == state(sleeper.pid) == expected, how
        finally:
            sleeper.kill()


@pytest.mark.parametrize(
    ("strategy", "environment", "begun"),
    [
        ({"timeout": 60}, {}, ["some.module"]),
        ("auto", {}, []),
        ({"timeout": 60}, {"LOCAL_RANK": "0"}, []),
        ({"timeout": 60}, {"SLURM_PROCID": "0"}, []),
    ],
)
def test_only_a_command_that_starts_processes_itself_prepares_them(monkeypatch, strategy, environment, begun):
    for name in ("LOCAL_RANK", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = []
    monkeypatch.setattr(helpers, "start_multiprocessing", found.append)
    helpers.start_early(strategy, "some.module")
    assert found == begun


def test_what_is_imported_early_exists():
    """Without it the server of processes starts all the same, and every start is slow."""
    jobs = Path(gan_lightning.__file__).parent / "jobs"
    calls = [line for file in jobs.glob("*.py") for line in file.read_text().splitlines() if "start_early(" in line]
    names = [name for call in calls for name in re.findall(r'"(gan_lightning[\w.]*)"', call)]
    assert len(calls) == 2
    assert len(names) >= 2
    for name in names:
        assert find_spec(name) is not None, name


MASK = """
import signal
from gan_lightning.processes.helpers import start_multiprocessing
from gan_lightning.processes.requests import REQUESTS
from multiprocessing import get_context
def blocked(end):
    end.send(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
if __name__ == "__main__":
    start_multiprocessing("gan_lightning.errors")
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()), "this process itself answers at once"
    ours, theirs = get_context("forkserver").Pipe()
    process = get_context("forkserver").Process(target=blocked, args=(theirs,))
    process.start()
    print(ours.recv() == sorted(REQUESTS))
    process.join()
"""


def test_requests_to_end_wait_in_new_processes(tmp_path):
    (tmp_path / "script.py").write_text(MASK)
    environment = {**os.environ, "PYTHONPATH": str(Path(gan_lightning.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "True\n", done.stderr
