"""Processes that stop, hang, lose their watcher, or read other data than the others."""

import os
import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from runs import TINY, gan_train, start

pytestmark = pytest.mark.long

LONG = [part for part in TINY if not part.startswith("trainer.max_epochs")]
LONG += ["trainer=ddp_cpu", "trainer.max_epochs=100000", "metrics=none", "hydra.run.dir=run"]
LONG = [part for part in LONG if not part.startswith("metrics.extractor")]


def test_stopped_process_is_noticed_within_the_time_limit(tmp_path):
    fault = {"event": "batch", "at": 5, "action": "stop", "rank": 1}
    status, told = gan_train(*LONG, "trainer.strategy.timeout=10", folder=tmp_path, fault=fault)
    assert status == 1
    assert re.search(r"process 1 of 2 \(number \d+\) has given no sign of life for \d+ s", told), told
    assert "trainer.strategy.timeout=10" in told
    assert "Traceback" not in told


def test_process_that_hangs_is_waited_for_within_the_time_limit(tmp_path):
    fault = {"event": "batch", "at": 5, "action": "hang", "rank": 1}
    status, told = gan_train(*LONG, "trainer.strategy.timeout=10", folder=tmp_path, fault=fault)
    assert status == 1
    assert "another process did not answer within 10 s, so it is stopped or hangs" in told
    assert "trainer.strategy.timeout" in told
    assert "Traceback" not in told


def test_two_signals_end_a_group_with_a_stopped_process(tmp_path):
    run = start(*LONG, folder=tmp_path, fault={"event": "batch", "at": 5, "action": "stop", "rank": 1})
    run.members(2)
    time.sleep(3)
    os.kill(run.process.pid, signal.SIGTERM)
    time.sleep(2)
    assert run.process.is_alive()
    os.kill(run.process.pid, signal.SIGTERM)
    assert run.ended(60) == 128 + signal.SIGTERM, run.told()


def test_a_killed_watcher_leaves_no_process_even_if_all_are_stopped(tmp_path):
    run = start(*LONG, folder=tmp_path)
    members = run.members(2)
    time.sleep(2)
    for pid in members:
        os.kill(pid, signal.SIGSTOP)
    os.kill(run.process.pid, signal.SIGKILL)
    end = time.monotonic() + 60
    while any(Path(f"/proc/{pid}/stat").exists() for pid in members):
        assert time.monotonic() < end, run.told()
        time.sleep(0.2)
    assert run.ended() == -signal.SIGKILL


def test_process_that_sees_other_pictures_is_named_before_training(tmp_path):
    """Two tasks of SLURM, as on two machines with a mount each."""
    job = str(20_000 + os.getpid() % 20_000)
    tasks = []
    for rank, count in enumerate((40, 39)):
        folder = tmp_path / str(rank)
        (folder / "pictures").mkdir(parents=True)
        for i in range(count):
            pixels = np.random.default_rng(i).integers(256, size=(16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / f"{i}.png")
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
        command = [part for part in LONG if not part.startswith(("dataset=", "dataset.source", "hydra.run.dir"))]
        command += ["dataset=folder", "dataset.source.path=pictures", f"hydra.run.dir={tmp_path}/run"]
        tasks.append(start(*command, folder=folder, **environment))
    assert [task.ended() for task in tasks] == [1, 1], "".join(task.told() for task in tasks)
    for task in tasks:
        assert re.search(
            r"process 1 of 2 \(number \d+ on .*\) reads other data than process 0: data train 39", task.told()
        )
        assert "Traceback" not in task.told()
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"status.json", "error.txt"}
