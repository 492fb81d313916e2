"""Processes beside a run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import gan_lightning

# Without PYTHONSAFEPATH, as on Python 3.10, which does not know it.
STARTED = """
import sys
sys.path = [entry for entry in sys.path if entry]
from gan_lightning.processes.helpers import start_multiprocessing
from multiprocessing import get_context
start_multiprocessing()
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
