"""Requests to end: by Ctrl-C, by a scheduler, on one process and on two."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
import torch
from PIL import Image
from runs import TINY, assert_same, end_of, gan_train, start

pytestmark = pytest.mark.long

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


def test_signal_in_the_last_validation_is_answered_too(tmp_path):
    fault = {"event": "validation", "at": 3, "action": "sigterm"}
    status, told = gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 128 + signal.SIGTERM, told
    status, told = gan_train("resume=run", folder=tmp_path)
    assert (status, "Nothing was left to do" in told) == (0, True), told


def test_ctrl_c_leaves_the_readers_of_data_alive_until_all_is_saved(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(40):
        Image.new("RGB", (16, 16), (i, i, i)).save(folder / f"{i}.png")
    arguments = [part for part in TINY if not part.startswith(("dataset", "metrics"))]
    arguments += ["dataset=folder", "dataset.source.path=pictures", "dataset.source.memory_limit=0", "metrics=none"]
    arguments += ["dataset.batch_size=4", "dataset.resolution=16", "dataset.num_workers=2", "hydra.run.dir=run"]
    fault = {"event": "batch", "at": 14, "action": "interrupt_all"}
    status, told = gan_train(*arguments, folder=tmp_path, fault=fault)
    assert status == 128 + signal.SIGINT, told
    assert (
        torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)["counters"]["images_seen"] == 52
    )


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


def test_ctrl_c_twice_ends_the_members_at_once(tmp_path):
    fault = {"event": "batch", "at": 7, "action": "sigint_twice", "rank": 0}
    status, told = gan_train(*TINY, TWO, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 128 + signal.SIGINT, told
    assert "Traceback" not in told


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
    (job,) = [path for path in (tmp_path / "sweep").iterdir() if path.is_dir()]
    found = json.loads((job / "status.json").read_text())
    assert found["state"] == "interrupted"
    assert "loss=hinge" in found["overrides"]
