"""Requests to end: by Ctrl-C, by a scheduler, on one process and on two."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from runs import TINY, assert_same, end_of, gan_train, start

TWO = "trainer=ddp_cpu"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    assert gan_train(*TINY, "hydra.run.dir=run", folder=folder)[0] == 0
    return folder / "run"


@pytest.mark.parametrize(
    ("action", "status"),
    [("sigint", 128 + signal.SIGINT), ("sigterm", 128 + signal.SIGTERM), ("sigusr1", 128 + signal.SIGUSR1)],
)
def test_signal_saves_at_once_and_the_run_goes_on_where_it_was(whole, tmp_path, action, status):
    fault = {"event": "batch", "at": 14, "action": action}
    found, told = gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert found == status, told
    assert f"Ended by {action.upper()} after 104 images; everything is in run/checkpoints/last.ckpt" in told
    assert "gan-train resume=run" in told
    assert "Traceback" not in told
    saved = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert saved["counters"]["images_seen"] == 104
    assert gan_train("resume=run", folder=tmp_path)[0] == 0
    assert_same(end_of(tmp_path / "run"), end_of(whole))


def test_signal_in_validation_is_answered_after_it(whole, tmp_path):
    fault = {"event": "validation", "at": 1, "action": "sigterm"}
    status, told = gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 128 + signal.SIGTERM, told
    assert len((tmp_path / "run" / "scores.jsonl").read_text().splitlines()) == 1
    assert gan_train("resume=run", folder=tmp_path)[0] == 0
    assert_same(end_of(tmp_path / "run"), end_of(whole))


def test_ctrl_c_twice_ends_at_once(tmp_path):
    fault = {"event": "batch", "at": 14, "action": "sigint_twice"}
    status, told = gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == -signal.SIGINT, told
    assert "Ended by" not in told


def test_signal_to_one_process_of_two_lets_both_save(tmp_path):
    fault = {"event": "batch", "at": 7, "action": "sigterm", "rank": 1}
    status, told = gan_train(*TINY, TWO, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 128 + signal.SIGTERM, told
    saved = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert len(saved["processes"]) == 2
    assert saved["counters"]["images_seen"] in (6 * 16, 7 * 16)


LONG = [part for part in TINY if not part.startswith("trainer.max_epochs")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_supervisor_passes_signals_on_and_leaves_nothing_behind(tmp_path, number):
    run = start(*LONG, TWO, "trainer.max_epochs=10000", "hydra.run.dir=run", folder=tmp_path)
    run.members(2)
    time.sleep(2)
    os.kill(run.process.pid, number)
    assert run.ended() == 128 + number, run.told()
    assert f"Ended by {number.name}" in run.told()
    assert (tmp_path / "run" / "checkpoints" / "last.ckpt").is_file()


def test_members_save_and_end_when_their_supervisor_is_killed(tmp_path):
    run = start(*LONG, TWO, "trainer.max_epochs=10000", "hydra.run.dir=run", folder=tmp_path)
    run.members(2)
    time.sleep(2)
    os.kill(run.process.pid, signal.SIGKILL)
    assert run.ended() == -signal.SIGKILL
    assert "Ended by SIGTERM" in run.told()
    assert (tmp_path / "run" / "checkpoints" / "last.ckpt").is_file()


def test_ctrl_c_ends_the_whole_sweep(tmp_path):
    fault = {"event": "batch", "at": 8, "action": "sigint", "rank": 0}
    arguments = [*TINY, TWO, "loss=hinge,lsgan", "hydra.sweep.dir=sweep", "-m"]
    status, told = gan_train(*arguments, folder=tmp_path, fault=fault)
    assert status == 128 + signal.SIGINT, told
    assert [path.name[:2] for path in (tmp_path / "sweep").iterdir() if path.is_dir()] == ["0_"]


def test_sweep_over_two_processes_runs_its_jobs_in_order_each_in_its_folder(tmp_path):
    arguments = [*TINY, TWO, "loss=hinge,lsgan", "hydra.sweep.dir=sweep", "logger=wandb", "-m"]
    status, told = gan_train(*arguments, folder=tmp_path, WANDB_MODE="offline")
    assert status == 0, told
    first, second = sorted(path for path in (tmp_path / "sweep").iterdir() if path.is_dir())
    for job, loss in ((first, "Hinge"), (second, "LeastSquares")):
        saved = torch.load(job / "checkpoints" / "last.ckpt", weights_only=True)
        assert saved["config"]["model"]["loss"]["_target_"] == f"gan_lightning.losses.{loss}"
        assert len(saved["processes"]) == 2
        assert len(list((job / "wandb").glob("offline-run-*"))) == 1
        assert len((job / "scores.jsonl").read_text().splitlines()) == 3
    assert (first / "checkpoints" / "last.ckpt").stat().st_mtime < (second / "config.yaml").stat().st_mtime
    assert (first / "wandb_run").read_text() != (second / "wandb_run").read_text()


def test_torchrun_starts_the_processes_itself(tmp_path):
    command = [Path(sys.executable).with_name("torchrun"), "--standalone", "--nproc-per-node", "2"]
    short = [part for part in TINY if "fault" not in part]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "-m", "gan_lightning.train", *short, TWO],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "outputs").glob("*/torchrun-*_dcgan_fake")  # one folder for both
    assert len(torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["processes"]) == 2
    assert len((run / "scores.jsonl").read_text().splitlines()) == 3
    assert done.stderr.count("192 images seen") == 1
