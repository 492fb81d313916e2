"""Starts that are refused, fail or are interrupted: nothing of an earlier run changes, and they can be repeated."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from runs import TINY, gan_train, start

pytestmark = pytest.mark.long

TWO = "trainer=ddp_cpu"
RUN = [*TINY, "hydra.run.dir=run"]


def content(run: Path) -> dict[str, Any]:
    """Every file of a run, byte for byte."""
    return {str(path.relative_to(run)): path.read_bytes() for path in sorted(run.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    status, told = gan_train(*RUN, "trainer.max_epochs=1", folder=folder)
    assert status == 0, told
    assert "fid_classifier" in (folder / "run" / "train.log").read_text()
    return folder


REFUSED: list[tuple[list[str], str]] = [
    (["resume=run", "seed=7"], "cannot change seed"),
    (["resume=run", "network.width=8"], "cannot change model.discriminator.width (was 4, is 8)"),
    (["resume=run", "loss=no_such_loss"], "no_such_loss"),
    (["resume=run", "dataset=folder", "dataset.source.path=nowhere"], "there is no such setting"),
    (["resume=run", "dataset.batch_size=7000"], "batch_size"),
    (["resume=run", "callbacks.newest.keep=0"], "newest.keep"),
    (["resume=run", "trainer=ddp_cpu", "trainer.strategy.timeout=0"], "trainer.strategy.timeout=0"),
    (["resume=run", "trainer.precision=16-true"], "precision"),
    (["resume=run", "-m"], "goes on with one run"),
    (RUN, "already holds"),
]


def test_refused_starts_change_nothing(finished):
    run = finished / "run"
    before = content(run)
    for arguments, message in REFUSED:
        status, told = gan_train(*arguments, folder=finished)
        assert status == 1, told
        assert message in told
        assert "Traceback" not in told, told
        assert content(run) == before, arguments


@pytest.mark.parametrize(("event", "action", "status"), [("fit", "fail", 1), ("fit", "sigterm", 143)])
def test_resume_that_ends_before_its_first_step_changes_nothing(finished, event, action, status):
    before = content(finished / "run")
    fault = {"event": event, "at": 1, "action": action}
    more = ["resume=run", "trainer.max_epochs=2", "logger=tensorboard"]
    found, told = gan_train(*more, folder=finished, fault=fault)
    assert found == status, told
    assert content(finished / "run") == before


def test_run_that_fails_before_its_first_step_leaves_a_sentence_and_may_be_repeated(tmp_path):
    pictures = [*("dataset=folder", "dataset.source.path=pictures"), *RUN[1:]]
    for arguments, fault in (
        ([part for part in pictures if "source.size" not in part], None),
        ([*RUN, "logger=tensorboard"], {"event": "fit", "at": 1, "action": "fail"}),
        ([*RUN, "logger=tensorboard"], {"event": "batch", "at": 1, "action": "fail"}),
    ):
        status, told = gan_train(*arguments, folder=tmp_path, fault=fault)
        assert status == 1, told
        assert {path.name for path in (tmp_path / "run").iterdir()} == {"status.json", "error.txt"}
        assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "failed"
    status, told = gan_train(*RUN, "trainer.max_epochs=1", folder=tmp_path)
    assert status == 0, told
    assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "finished"


def test_run_that_was_killed_in_its_first_step_can_be_resumed(tmp_path):
    fault = {"event": "batch", "at": 1, "action": "kill"}
    assert gan_train(*RUN, "trainer.max_epochs=1", folder=tmp_path, fault=fault)[0] == -signal.SIGKILL
    status, told = gan_train("resume=run", folder=tmp_path)
    assert status == 0, told


def test_folder_in_use_is_refused_to_all_commands(tmp_path):
    run = start(*RUN[:-1], "trainer.max_epochs=100000", "hydra.run.dir=run", folder=tmp_path)
    try:
        while not (tmp_path / "run" / "checkpoints" / "last.ckpt").exists():
            assert run.process.is_alive(), run.told()
            time.sleep(0.1)
        second = tmp_path / "second"
        second.mkdir()
        for script, arguments in (
            ("train", [f"resume={tmp_path}/run"]),
            ("train", [*TINY, f"hydra.run.dir={tmp_path}/run"]),
            ("evaluate", [f"checkpoint={tmp_path}/run", f"hydra.run.dir={tmp_path}/run", "trainer.accelerator=cpu"]),
            ("generate", [f"checkpoint={tmp_path}/run", f"hydra.run.dir={tmp_path}/run", "n=1"]),
        ):
            status, told = gan_train(*arguments, folder=second, script=script)
            assert status == 1, told
            assert f"is in use by process {run.process.pid} on " in told
        assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "running"
    finally:
        os.kill(run.process.pid, signal.SIGHUP)
        assert run.ended() == 128 + signal.SIGHUP
    found = json.loads((tmp_path / "run" / "status.json").read_text())
    assert found["state"] == "interrupted"


MOMENTS = ["setup", "fit", "batch"]
NUMBERS = ["sigint", "sigterm", "sigusr1", "sighup"]


@pytest.mark.parametrize(
    ("event", "action"),
    [
        *(("fit", action) for action in ("sigint", "sighup")),
        ("batch", "sigusr1"),
        *(
            pytest.param(event, action, marks=pytest.mark.exhaustive)
            for event in MOMENTS
            for action in NUMBERS
            if (event, action) not in {("fit", "sigint"), ("fit", "sighup"), ("batch", "sigusr1")}
        ),
    ],
)
def test_signal_before_the_first_step_is_an_interruption(tmp_path, event, action):
    fault = {"event": event, "at": 1, "action": action}
    number = signal.Signals[action.upper()]
    status, told = gan_train(*RUN, folder=tmp_path, fault=fault)
    assert status == 128 + number, told
    assert "Traceback" not in told
    found = json.loads((tmp_path / "run" / "status.json").read_text())
    assert (found["state"], found["error"]) == ("interrupted", None)
    assert not (tmp_path / "run" / "error.txt").exists()


def test_ctrl_c_while_a_job_starts_ends_the_sweep(tmp_path):
    fault = {"event": "fit", "at": 1, "action": "sigint"}
    arguments = [*TINY, "loss=hinge,lsgan", "hydra.sweep.dir=sweep", "-m"]
    status, told = gan_train(*arguments, folder=tmp_path, fault=fault)
    assert status == 128 + signal.SIGINT, told
    assert len([path for path in (tmp_path / "sweep").iterdir() if path.is_dir()]) == 1


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        (signal.SIGUSR1, 1.0),
        *(
            pytest.param(number, seconds, marks=pytest.mark.exhaustive)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP)
            for seconds in (0.3, 1.0, 2.0)
        ),
    ],
)
def test_signal_while_processes_start(tmp_path, number, seconds):
    run = start(*RUN, TWO, "trainer.max_epochs=100000", folder=tmp_path, own_server=True)
    while not (tmp_path / "run" / "status.json").exists():
        assert run.process.is_alive(), run.told()
        time.sleep(0.05)
    time.sleep(seconds)
    os.kill(run.process.pid, number)
    assert run.ended() == 128 + number, run.told()
    assert f"gan-train: ended by {number.name}" in run.told()
    assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "interrupted"
