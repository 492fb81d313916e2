"""Requests to end while no step is under way."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from types import SimpleNamespace

import pytest

from gan_lightning.callbacks import Newest
from gan_lightning.processes.requests import REQUESTS, EndRequest, answered, answering, missed


@pytest.mark.parametrize("number", REQUESTS)
def test_a_request_ends_with_its_own_status(number):
    before = signal.getsignal(number)
    with pytest.raises(EndRequest) as ended, answering():
        os.kill(os.getpid(), number)
    assert ended.value.code == 128 + number
    assert str(ended.value) == f"ended by {number.name}"
    assert signal.getsignal(number) == before


def test_nohup_keeps_a_closing_terminal_from_ending_a_run():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signal.SIGHUP not in answered()
        with answering():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert signal.SIGHUP in answered()


def test_an_error_in_the_clean_up_of_a_library_does_not_hide_the_request():
    @contextmanager
    def library():
        try:
            yield
        finally:
            raise ValueError("of a clean-up that was interrupted")

    with pytest.raises(EndRequest) as ended, answering(), library():
        os.kill(os.getpid(), signal.SIGUSR1)
    assert ended.value.code == 128 + signal.SIGUSR1
    with pytest.raises(ValueError, match="another"), answering():
        raise ValueError("another")


def test_a_request_that_a_library_swallows_ends_the_run_at_its_first_step(tmp_path):
    newest = Newest(str(tmp_path), keep=1, every=None)
    trainer = SimpleNamespace(callback_metrics={})
    with answering():
        with suppress(SystemExit):
            os.kill(os.getpid(), signal.SIGTERM)
        newest.on_train_start(trainer, SimpleNamespace(rounds=0, images_seen=0))
        newest.teardown(trainer, None, "fit")
    assert newest.asked == signal.SIGTERM
    assert missed() == 0


# Asks a command to end as soon as it imports a library that takes long.
STARTING = """
import os, runpy, signal, sys
class Importing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("hydra", "lightning", "pandas", "torch"):
            os.kill(os.getpid(), signal.Signals[sys.argv[1]])
            raise ImportError("imported after the signal")
sys.meta_path.insert(0, Importing())
from gan_lightning import commands
sys.argv[0] = "gan-train"
if sys.argv[2] == "-m":
    runpy.run_module("gan_lightning." + sys.argv[3], run_name="__main__")
getattr(commands, sys.argv[2])()
"""


@pytest.mark.parametrize(
    ("number", "command"),
    [
        *zip(REQUESTS, ("train", "evaluate", "generate", "report"), strict=True),
        *((signal.SIGUSR1, f"-m {module}") for module in ("training", "evaluate", "generate")),
    ],
)
def test_a_command_that_still_imports_ends_with_one_line(number, command):
    done = subprocess.run(
        [sys.executable, "-c", STARTING, number.name, *command.split()], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (128 + number, "")
    assert done.stderr == f"gan-train: ended by {number.name}\n"


def test_a_command_that_imports_torch_after_its_settings_leaves_nothing(tmp_path):
    late = STARTING.replace('("hydra", "lightning", "pandas", "torch")', '("lightning", "torch")')
    late = late.replace('sys.argv[0] = "gan-train"', 'name = sys.argv[2]; sys.argv[:] = ["gan-train", "dataset=fake"]')
    late = late.replace("signal.Signals[sys.argv[1]]", "signal.SIGTERM").split("if sys.argv[2]")[0]
    code = f"{late}getattr(commands, name)()"
    done = subprocess.run(
        [sys.executable, "-c", code, "", "train"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "gan-train: ended by SIGTERM\n")
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith("_fake")]
