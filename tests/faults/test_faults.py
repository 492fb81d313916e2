"""Faults that really happen: each ends in a sentence (or is survived), and nothing good is lost."""

import csv
import multiprocessing
import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from runs import TINY, gan_train
from thinned import thinned

from gan_lightning.errors import FaultError
from gan_lightning.models import SteppingModule, guards, state
from gan_lightning.runs import checkpoint
from gan_lightning.training import train

pytestmark = pytest.mark.long

BACK = "the newest good checkpoint is run/checkpoints/last.ckpt, and gan-train resume=run goes on from it"


def sentence(told: str) -> str:
    """The one line in which a run says why it ended."""
    assert "Traceback" not in told
    (line,) = [line for line in told.splitlines() if line.startswith("gan-train: ")]
    return line


def checkpoints_are_good(run: Path) -> None:
    files = sorted((run / "checkpoints").iterdir())
    assert {path.name for path in files} == {"best.ckpt", "last.ckpt", "last-1.ckpt"}
    for path in files:
        torch.load(path, weights_only=True)


def rows(run: Path) -> list[dict[str, str]]:
    with (run / "logs" / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    random = np.random.default_rng(0)
    for i in range(40):
        Image.fromarray(random.integers(256, size=(16, 16, 3), dtype=np.uint8)).save(folder / f"{i:02}.png")
    return folder


READ = [
    *("dataset=folder", "dataset.source.path=pictures", "dataset.source.memory_limit=0", "dataset.batch_size=4"),
    *("metrics=none", "dataset.resolution=16", "network.width=4", "trainer.max_epochs=3", "callbacks.newest.every=2"),
    *("callbacks.progress.refresh_rate=0", "+callbacks.fault._target_=faults.Fault", "hydra.run.dir=run"),
]


# --- numbers ---


@pytest.mark.parametrize("action", thinned(["nan", "infinite"], ["nan"]))
def test_what_is_not_finite_ends_the_run_with_step_term_and_checkpoint(tmp_path, action):
    fault = {"event": "batch", "at": 14, "action": action}
    status, told = gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 1
    expected = r"the discriminator's update 14 \(after 112 images\) is not finite: loss_discriminator is (nan|inf); "
    advice = (
        r"lower the learning rates \(model.optimisation.generator.lr=\S+, model.optimisation.discriminator.lr=\S+\); "
    )
    assert re.search(expected + advice + re.escape(BACK), sentence(told)), told
    checkpoints_are_good(tmp_path / "run")
    for value in torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"].values():
        assert torch.isfinite(value).all()


def test_what_is_not_finite_may_be_skipped_and_is_counted(tmp_path):
    fault = {"event": "batch", "at": 5, "action": "nan"}
    arguments = [*TINY, "model.optimisation.skip_non_finite=true", "hydra.run.dir=run"]
    status, told = gan_train(*arguments, folder=tmp_path, fault=fault)
    assert status == 0, told
    assert [float(row["skipped_steps"]) for row in rows(tmp_path / "run") if row["skipped_steps"]] == [0] * 2 + [1] * 11
    saved = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert saved["counters"]["skipped_steps"] == 1
    assert saved["counters"]["discriminator_step"] == 27
    for value in saved["state_dict"].values():
        assert torch.isfinite(value).all()


def test_skipping_has_an_end(composed, monkeypatch):
    monkeypatch.setattr(state, "MOST_SKIPPED", 3)
    monkeypatch.setattr(guards, "is_finite", lambda loss, gradients: torch.tensor(False))
    config = composed("dataset=fake", "network.width=4", "metrics=none", "model.optimisation.skip_non_finite=true")
    with pytest.raises(FaultError, match=r"not finite: .*, and so were 3 before it"):
        train(config)


def test_skipping_has_an_end_for_each_side(tmp_path):
    fault = {"event": "batch", "at": 3, "action": "nothing_is_finite_for_d"}
    arguments = [*TINY, "trainer.max_epochs=13", "model.optimisation.skip_non_finite=true", "hydra.run.dir=run"]
    status, told = gan_train(*arguments, folder=tmp_path, fault=fault)
    assert status == 1, told
    # Two good updates, a hundred that are skipped, and the one that ends the run.
    assert "the discriminator's update 103 (after 824 images) is not finite" in sentence(told)
    assert ", and so were 100 before it" in sentence(told)


# --- disks ---


def test_full_disk_while_saving(tmp_path):
    fault = {"event": "batch", "at": 14, "action": "no_space"}
    status, told = gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 1
    assert f"next.ckpt could not be written (File too large); {BACK}" in sentence(told)
    checkpoints_are_good(tmp_path / "run")
    assert gan_train("resume=run", folder=tmp_path)[0] == 0


def test_output_path_that_cannot_be_written_while_saving(tmp_path):
    fault = {"event": "batch", "at": 14, "action": "no_folder"}
    status, told = gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 1
    assert re.search(r"next\.ckpt could not be written \((File exists|Not a directory)\)", sentence(told)), told
    (tmp_path / "run" / "checkpoints").unlink()
    (tmp_path / "run" / "moved").rename(tmp_path / "run" / "checkpoints")
    checkpoints_are_good(tmp_path / "run")


# --- data ---


def test_reader_of_data_that_dies(pictures, tmp_path):
    fault = {"event": "batch", "at": 14, "action": "kill_readers"}
    status, told = gan_train(*READ, "dataset.num_workers=1", folder=tmp_path, fault=fault)
    assert status == 1
    assert re.search(
        r"a process that reads data died \((DataLoader worker|.*Connection (reset|refused)).*\); (lower .*; )?"
        + re.escape(BACK),
        sentence(told),
    ), told
    status, told = gan_train("resume=run", folder=tmp_path)
    assert status == 0, told


@pytest.mark.parametrize("workers", thinned([0, 2], [2]))
def test_broken_picture_ends_the_run_and_is_named(pictures, tmp_path, workers):
    fault = {"event": "batch", "at": 14, "action": "break_pictures"}
    arguments = [*READ, f"dataset.num_workers={workers}"]
    status, told = gan_train(*arguments, folder=tmp_path, fault=fault, PICTURES=str(pictures))
    assert status == 1
    assert re.search(r"pictures/\d3\.png cannot be read as an image .*; " + re.escape(BACK), sentence(told)), told


def test_run_that_a_broken_picture_ended_goes_on_without_it(pictures, tmp_path):
    fault = {"event": "batch", "at": 14, "action": "break_pictures"}
    assert gan_train(*READ, folder=tmp_path, fault=fault, PICTURES=str(pictures))[0] == 1
    status, told = gan_train("resume=run", "dataset.source.skip_broken=true", folder=tmp_path)
    assert status == 0, told
    assert "The data have changed since this run was started" in told
    saved = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert saved["counters"]["images_seen"] == 3 * 40


@pytest.mark.parametrize("workers", thinned([0, 2], [2]))
def test_broken_pictures_may_be_skipped_and_are_counted(pictures, tmp_path, workers):
    fault = {"event": "batch", "at": 14, "action": "break_pictures"}
    arguments = [*READ, f"dataset.num_workers={workers}", "dataset.source.skip_broken=true"]
    status, told = gan_train(*arguments, folder=tmp_path, fault=fault, PICTURES=str(pictures))
    assert status == 0, told
    named = set(re.findall(r"(\d3\.png) cannot be read as an image", told))
    assert named == {f"{i}3.png" for i in range(4)}
    assert "another one replaces it (4 such files so far)" in told
    saved = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert saved["counters"]["images_seen"] == 3 * 40


def test_pictures_that_are_all_lost_end_the_run_in_a_sentence(pictures, tmp_path):
    fault = {"event": "batch", "at": 14, "action": "lose_pictures"}
    arguments = [*READ, "dataset.source.skip_broken=true"]
    status, told = gan_train(*arguments, folder=tmp_path, fault=fault, PICTURES=str(pictures))
    assert status == 1
    assert "and every other picture like it cannot be read" in sentence(told)


# --- others ---


def test_wandb_that_goes_away_is_survived_also_by_the_next_job_of_a_sweep(tmp_path):
    fault = {"event": "batch", "at": 14, "action": "kill_wandb"}
    sweep = ["seed=0,1", "hydra.sweep.dir=sweep", "hydra.sweep.subdir=${hydra:job.num}", "-m"]
    arguments = [*TINY, "logger=wandb", *sweep]
    status, told = gan_train(*arguments, folder=tmp_path, fault=fault, WANDB_MODE="offline")
    assert status == 0, told
    assert told.count("Weights & Biases does not answer any more") == 2
    for job in ("0", "1"):
        assert max(int(row["images_seen"]) for row in rows(tmp_path / "sweep" / job)) == 3 * 72
        assert len(list((tmp_path / "sweep" / job / "wandb").glob("offline-run-*"))) == 1


def test_resumed_run_goes_on_with_its_wandb_run(tmp_path):
    fault = {"event": "batch", "at": 14, "action": "kill"}
    arguments = [*TINY, "logger=wandb", "hydra.run.dir=run"]
    assert gan_train(*arguments, folder=tmp_path, fault=fault, WANDB_MODE="offline")[0] == -9
    assert gan_train("resume=run", folder=tmp_path, WANDB_MODE="offline")[0] == 0
    names = {path.name.rpartition("-")[2] for path in (tmp_path / "run" / "wandb").glob("offline-run-*")}
    assert names == {(tmp_path / "run" / "wandb_run").read_text()}


def test_member_that_dies_ends_the_others_in_bounded_time(tmp_path):
    fault = {"event": "batch", "at": 8, "action": "kill", "rank": 1}
    status, told = gan_train(*TINY, "trainer=ddp_cpu", "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 1
    assert f"process 1 of 2 was ended by SIGKILL; the others were stopped; {BACK}" in sentence(told)


def test_member_that_fails_is_quoted(tmp_path):
    fault = {"event": "batch", "at": 8, "action": "nan", "rank": 1}
    status, told = gan_train(*TINY, "trainer=ddp_cpu", "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 1
    assert "the discriminator's update 8 (after 128 images) is not finite: loss_discriminator is nan" in sentence(told)


def test_member_that_fails_at_length_is_quoted_in_part(tmp_path):
    fault = {"event": "batch", "at": 8, "action": "explain_at_length", "rank": 1}
    status, told = gan_train(*TINY, "trainer=ddp_cpu", "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 1
    assert "RuntimeError: process 1:" in told
    assert 9_000 < told.count("x") < 200_000


def test_full_disk_of_the_first_process_ends_all(tmp_path):
    fault = {"event": "batch", "at": 7, "action": "no_space", "rank": 0}
    status, told = gan_train(*TINY, "trainer=ddp_cpu", "hydra.run.dir=run", folder=tmp_path, fault=fault)
    assert status == 1
    assert f"next.ckpt could not be written (File too large); {BACK}" in sentence(told)
    checkpoints_are_good(tmp_path / "run")


def test_devices_that_are_not_there(tmp_path):
    if torch.cuda.device_count():
        pytest.skip("not run: this machine has GPUs")
    for setting, message in (
        (["trainer=ddp"], "devices=auto: this machine has 0 GPUs; trainer=ddp takes"),
        (["trainer=ddp", "devices=4"], "devices=4: this machine has 0 GPUs"),
        (["trainer=ddp_cpu", "num_nodes=2"], "num_nodes=2: start the same command on every machine"),
        (["trainer=ddp_cpu", "devices=0"], "devices=0"),
    ):
        tiny = [part for part in TINY if "accelerator" not in part]
        status, told = gan_train(*tiny, *setting, "hydra.run.dir=run", folder=tmp_path)
        assert status == 1
        assert message in sentence(told)
        assert set(os.listdir(tmp_path / "run")) <= {"train.log", "status.json", "error.txt"}


def test_weights_that_overflow_are_never_saved(composed, tmp_path):
    few = ["dataset=fake", "dataset.resolution=16", "dataset.batch_size=8", "network.width=4", "metrics=none"]
    rates = ["model.optimisation.generator.lr=1e30", "model.optimisation.discriminator.lr=1e10"]
    with pytest.raises(FaultError) as told:
        train(composed(*few, *rates, "dataset.source.size=72", "trainer.max_epochs=1"))
    assert re.search(
        r"(is|are) not finite after update 9 of the generator and 9 of the discriminator \(72 images\); none of "
        r"it is saved; lower the learning rates \(model\.optimisation\.generator\.lr=1e\+30, "
        r"model\.optimisation\.discriminator\.lr=1e\+10\); no checkpoint is there",
        str(told.value),
    )
    assert not list((tmp_path / "run").rglob("*.ckpt"))


def test_players_that_share_a_rate_are_advised_once(composed):
    few = ["model=lapgan", "dataset=fake", "dataset.resolution=16", "dataset.batch_size=8", "network.width=4"]
    rates = ["model.optimisation.generator.lr=1e30", "model.optimisation.discriminator.lr=1e10"]
    rates_read = [rate.replace("=1e", r"=1e\+") for rate in rates]
    with pytest.raises(FaultError, match=rf"lower the learning rates \({', '.join(rates_read)}\)"):
        train(composed(*few, *rates, "dataset.source.size=72", "metrics=none", "trainer.max_epochs=1"))


@pytest.mark.parametrize("spoilt", ["generator.", "ema.module.", "exp_avg"])
def test_last_good_checkpoint_stays_where_later_weights_are_not_finite(composed, tmp_path, monkeypatch, spoilt):
    own_state = SteppingModule.own_state

    def overflowing(module: SteppingModule) -> dict[str, Any]:
        """Called while a checkpoint is put together; the second time, what it holds has overflowed."""
        if module.generator_step == 8:
            held = {**module.state_dict(), **next(iter(module.trainer.optimizers[0].state.values()))}
            tensor = next(
                value for name, value in held.items() if name.startswith(spoilt) and value.is_floating_point()
            )
            tensor.view(-1)[0] = torch.inf
        return own_state(module)

    monkeypatch.setattr(SteppingModule, "own_state", overflowing)
    few = ["dataset=fake", "dataset.source.size=32", "dataset.resolution=16", "network.width=4", "metrics=none"]
    with pytest.raises(FaultError, match=f"{spoilt}.* is not finite after update 8 .*newest good checkpoint is .*last"):
        train(composed(*few, "dataset.batch_size=8", "trainer.max_epochs=3"))
    assert checkpoint.read(tmp_path / "run")["counters"]["generator_step"] == 4


def test_reader_of_data_that_hangs_ends_the_run_in_a_sentence(composed, pictures, tmp_path, monkeypatch):
    """A picture becomes a pipe that nobody writes to, as a file on a network drive that is away."""
    reads = Image.open

    def read(file: Any, *arguments: Any, **settings: Any) -> Any:
        if multiprocessing.parent_process() is not None and Path(file).stem == "07":
            file.unlink()
            os.mkfifo(file)
        return reads(file, *arguments, **settings)

    monkeypatch.setattr(Image, "open", read)
    monkeypatch.setattr(import_module("gan_lightning.data.loader"), "SLOWEST", 3.0)
    few = ["dataset=folder", f"dataset.source.path={pictures}", "dataset.source.memory_limit=0", "metrics=none"]
    few += ["dataset.num_workers=1", "dataset.resolution=16", "dataset.batch_size=4", "network.width=4"]
    with pytest.raises(FaultError, match="a process that reads data hangs .*timed out after 3.*no checkpoint is there"):
        train(composed(*few, "max_images=4000"))
