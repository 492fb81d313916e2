"""Processes that gan-train starts, that torchrun starts, and that SLURM would start."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from lightning.fabric.plugins.environments.lightning import find_free_network_port
from runs import TINY, gan_train, start

pytestmark = pytest.mark.long

TWO = "trainer=ddp_cpu"


def test_sweep_over_two_processes_runs_its_jobs_in_order_each_in_its_folder(tmp_path):
    arguments = [*TINY, TWO, "loss=hinge,lsgan", "hydra.sweep.dir=sweep", "logger=wandb", "-m"]
    status, told = gan_train(*arguments, folder=tmp_path, WANDB_MODE="offline", WANDB_RUN_ID="shared")
    assert status == 0, told
    assert "WANDB_RUN_ID is not used" in told
    found = sorted((tmp_path / "sweep").glob("*/config.yaml"), key=lambda path: path.stat().st_mtime)
    first, second = (path.parent for path in found)
    for job, loss in ((first, "Hinge"), (second, "LeastSquares")):
        saved = torch.load(job / "checkpoints" / "last.ckpt", weights_only=True)
        assert saved["config"]["model"]["loss"]["_target_"] == f"gan_lightning.losses.{loss}"
        assert len(saved["processes"]) == 2
        assert len(list((job / "wandb").glob("offline-run-*"))) == 1
        assert len((job / "scores.jsonl").read_text().splitlines()) == 3
    assert (first / "checkpoints" / "last.ckpt").stat().st_mtime < (second / "config.yaml").stat().st_mtime
    assert len({"shared", *((job / "wandb_run").read_text() for job in (first, second))}) == 3


def test_evaluation_on_two_processes_equals_that_on_one(tmp_path):
    assert gan_train(*TINY, "metrics.is_splits=3", "hydra.run.dir=run", folder=tmp_path)[0] == 0
    told = []
    for settings in ([], [TWO]):
        arguments = ["checkpoint=run/checkpoints/last.ckpt", "trainer.accelerator=cpu", *settings]
        run = start(*arguments, folder=tmp_path, script="evaluate")
        assert run.ended() == 0, run.told()
        told.append((tmp_path / "out").read_text())
    one, two = ([float(found) for found in re.findall(r"(?m)^(?:fid|is)_classifier +([\d.]+)", text)] for text in told)
    assert two == pytest.approx(one, rel=1e-4)
    last = json.loads((tmp_path / "run" / "scores.jsonl").read_text().splitlines()[-1])
    assert one == pytest.approx([last["fid_classifier"], last["is_classifier"]], abs=1e-4)


def test_torchrun_starts_the_processes_itself(tmp_path):
    command = [Path(sys.executable).with_name("torchrun"), "--standalone", "--nproc-per-node", "2"]
    short = [part for part in TINY if "fault" not in part]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "-m", "gan_lightning.training", *short, TWO],
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


def test_tasks_of_slurm_find_each_other_and_share_a_folder(tmp_path):
    """What srun puts into the environment of two tasks on one node."""
    job = str(find_free_network_port())  # Lightning derives the port from the job's number
    tasks = []
    for rank in range(2):
        folder = tmp_path / str(rank)
        folder.mkdir()
        environment = {
            "SLURM_JOB_ID": job,
            "SLURM_JOB_NAME": "gan",
            "SLURM_NTASKS": "2",
            "SLURM_NTASKS_PER_NODE": "2",
            "SLURM_PROCID": str(rank),
            "SLURM_LOCALID": str(rank),
            "SLURM_NODEID": "0",
            "SLURM_NODELIST": "127.0.0.1",
            "SLURM_STEP_NODELIST": "127.0.0.1",
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": job,
        }
        command = [*TINY, TWO, f"hydra.run.dir={tmp_path}/run"]
        tasks.append(start(*command, folder=folder, **environment))
    assert [task.ended() for task in tasks] == [0, 0], "".join(task.told() for task in tasks)
    run = tmp_path / "run"
    assert len(torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["processes"]) == 2
    assert len((run / "scores.jsonl").read_text().splitlines()) == 3
    assert [task.told().count("192 images seen") for task in tasks] == [1, 0]


def test_single_task_of_slurm_starts_its_processes_itself(tmp_path):
    """As a job of hydra/launcher=slurm finds itself."""
    task = {"SLURM_JOB_ID": "4711", "SLURM_JOB_NAME": "gan", "SLURM_NTASKS": "1", "SLURM_NTASKS_PER_NODE": "1"}
    task |= {"SLURM_PROCID": "0", "SLURM_LOCALID": "0", "SLURM_NODEID": "0", "SLURM_NODELIST": "127.0.0.1"}
    arguments = [*TINY, TWO, "seed=0,1", "trainer.max_epochs=1", "hydra.sweep.dir=sweep", "-m"]
    status, told = gan_train(*arguments, folder=tmp_path, **task)
    assert status == 0, told
    saved = [torch.load(path, weights_only=True) for path in (tmp_path / "sweep").glob("*/checkpoints/last.ckpt")]
    assert [len(checkpoint["processes"]) for checkpoint in saved] == [2, 2]
