"""Whatever is wrong with the files of a run: one sentence, before training, and nothing is changed."""

import copy
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from composing import composed
from PIL import Image

import gan_lightning
from gan_lightning.console.cli import sentence, users_errors
from gan_lightning.errors import SettingError
from gan_lightning.evaluate import evaluate
from gan_lightning.generate import generate
from gan_lightning.runs.checkpoint import read
from gan_lightning.runs.replay import replayed
from gan_lightning.runs.status import read as read_status
from gan_lightning.training import train

TINY = [
    *("dataset=fake", "dataset.source.size=32", "dataset.batch_size=8", "dataset.resolution=16", "network.width=4"),
    *("metrics=none", "trainer.accelerator=cpu", "callbacks.progress.refresh_rate=0"),
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "run"
    train(composed("train", *TINY, f"run_dir={folder}", "max_images=32"))
    return folder


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    (finished / "config.yaml").write_text("command: []\n")  # what Hydra would have recorded
    return Path(shutil.copytree(finished, tmp_path / "run"))


def resume(run: Path) -> None:
    replayed([f"resume={run}"])
    train(composed("train", *TINY, f"run_dir={run}", f"resume={run}", "max_images=64"))


def rewrite(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def spoil(run: Path) -> None:
        for file in (run / "checkpoints").glob("*.ckpt"):
            content = torch.load(file, weights_only=True)
            change(content)
            torch.save(content, file)

    return spoil


def nested(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = {}
    for _ in range(levels):
        node = {"deeper": node}
    return node


def laughs() -> list[Any]:
    node: list[Any] = ["ha"]
    for _ in range(12):
        node = [node] * 10
    return node


FOR_ALL: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no config": lambda c: c.pop("config"),
    "no spec": lambda c: c["config"].pop("spec"),
    "a spec of text": lambda c: c["config"].update(spec="wide"),
    "a spec of another data set": lambda c: c["config"]["spec"].pop("channels"),
    "a height of text": lambda c: c["config"]["spec"].update(height="16"),
    "a kind that is a number": lambda c: c["config"]["spec"].update(kind=3),
    "class names that are numbers": lambda c: c["config"]["spec"].update(class_names=[1, 2]),
    "no model": lambda c: c["config"].pop("model"),
    "a folder that is a number": lambda c: c["config"].update(cache_dir=3),
    "a counter of text": lambda c: c["counters"].update(images_seen="many"),
    "a negative counter": lambda c: c["counters"].update(images_seen=-1),
    "a missing counter": lambda c: c["counters"].pop("skipped_in_a_row"),
    "weights in a list": lambda c: c.update(state_dict=[1, 2]),
    "a weight that is a number": lambda c: c["state_dict"].update({next(iter(c["state_dict"])): 3}),
    "weights of another shape": lambda c: c["state_dict"].update({next(iter(c["state_dict"])): torch.zeros(3)}),
    "whole numbers as weights": lambda c: c["state_dict"].update(
        {next(iter(c["state_dict"])): next(iter(c["state_dict"].values())).long()}
    ),
    "a missing weight": lambda c: c["state_dict"].pop(next(iter(c["state_dict"]))),
    "a weight without memory": lambda c: c["state_dict"].update(
        {next(iter(c["state_dict"])): torch.zeros(1).expand(10**12)}
    ),
    "a weight that is not finite": lambda c: next(iter(c["state_dict"].values())).view(-1)[0].fill_(torch.nan),
    "levels without end": lambda c: c["config"].update(model=nested(150)),
    "lists of lists of lists": lambda c: c["config"]["model"].update(extra=laughs()),
}
FOR_TRAINING: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no loops": lambda c: c.pop("loops"),
    "loops of another version": lambda c: c["loops"].update(fit_loop={}),
    "a loop of text": lambda c: c["loops"]["fit_loop"].update(epoch_progress="first"),
    "no processes": lambda c: c.pop("processes"),
    "processes of text": lambda c: c.update(processes=["first"]),
    "a process without a window": lambda c: c["processes"][0].pop("window"),
    "no optimizers": lambda c: c.pop("optimizer_states"),
    "one optimizer": lambda c: c["optimizer_states"].pop(),
    "an optimizer of other parameters": lambda c: c["optimizer_states"][0]["param_groups"][0].update(params=[0]),
    "moments of other weights": lambda c: next(iter(c["optimizer_states"][0]["state"].values())).update(
        exp_avg=torch.zeros(3)
    ),
    "moments of text": lambda c: next(iter(c["optimizer_states"][0]["state"].values())).update(exp_avg="small"),
    "a moment less": lambda c: next(iter(c["optimizer_states"][0]["state"].values())).pop("exp_avg"),
    "a rate of text": lambda c: c["optimizer_states"][0]["param_groups"][0].update(lr="fast"),
    "a group without a rate": lambda c: c["optimizer_states"][0]["param_groups"][0].pop("lr"),
    "a schedule that counts in words": lambda c: c["lr_schedulers"][0].update(last_epoch="third"),
    "a schedule of text": lambda c: c.update(lr_schedulers=["slow", "slower"]),
    "no version": lambda c: c.pop("pytorch-lightning_version"),
    "a version of text": lambda c: c.update({"pytorch-lightning_version": "newest"}),
    "no trainer": lambda c: c["config"].pop("trainer"),
}


@pytest.mark.parametrize("change", FOR_ALL.values(), ids=FOR_ALL)
def test_checkpoint_that_is_malformed_is_refused_by_all(run, change, tmp_path):
    rewrite(change)(run)
    with pytest.raises(SettingError, match="resume="):
        resume(run)
    last = run / "checkpoints" / "last.ckpt"
    for use in (
        lambda: gan_lightning.load(last),
        lambda: generate(composed("generate", f"checkpoint={last}", f"run_dir={tmp_path}/made")),
        lambda: evaluate(composed("evaluate", f"checkpoint={last}", f"run_dir={tmp_path}/made")),
    ):
        with pytest.raises(SettingError, match="checkpoint") as told:
            use()
        assert len(str(told.value)) < 700


@pytest.mark.parametrize("change", FOR_TRAINING.values(), ids=FOR_TRAINING)
def test_checkpoint_that_training_cannot_go_on_from_still_makes_pictures(run, change):
    rewrite(change)(run)
    with pytest.raises(SettingError, match="resume=") as told:
        resume(run)
    assert len(str(told.value)) < 700
    assert gan_lightning.load(run).model.sample(2).shape == (2, 3, 16, 16)


def test_seed_of_text_is_refused_before_it_makes_noise(run):
    rewrite(lambda c: c["config"]["model"]["optimisation"].update(seed="abc"))(run)
    with pytest.raises(SettingError, match="model.optimisation.seed=abc: a whole number"):
        gan_lightning.load(run)


def in_place_of(name: str) -> Callable[[Path], None]:
    def spoil(run: Path) -> None:
        (run / name).unlink(missing_ok=True)
        (run / name).mkdir(parents=True)

    return spoil


def instead_of_folder(name: str) -> Callable[[Path], None]:
    def spoil(run: Path) -> None:
        shutil.rmtree(run / name)
        (run / name).write_text("no folder")

    return spoil


OTHERS: dict[str, Callable[[Path], Any]] = {
    "configuration of no YAML": lambda run: (run / "config.yaml").write_text("command: [a, b"),
    "configuration of bytes": lambda run: (run / "config.yaml").write_bytes(bytes(range(256))),
    "empty configuration": lambda run: (run / "config.yaml").write_text(""),
    "configuration that is a list": lambda run: (run / "config.yaml").write_text("- a\n"),
    "command of numbers": lambda run: (run / "config.yaml").write_text("command: [1, 2]\n"),
    "configuration of many megabytes": lambda run: (run / "config.yaml").write_text("command: []\n" + "#" * 11_000_000),
    "configuration of many levels": lambda run: (run / "config.yaml").write_text("[" * 5000 + "]" * 5000),
    "binary table": lambda run: (run / "logs" / "metrics.csv").write_bytes(bytes(range(256))),
    "table of words": lambda run: (run / "logs" / "metrics.csv").write_text("step,a\n1,two\n2,3\n"),
    "table with a column twice": lambda run: (run / "logs" / "metrics.csv").write_text("step,step\n1,2\n"),
    "table with a column that cannot be read": lambda run: (run / "logs" / "metrics.csv").write_text("step\0,a\n1,2\n"),
    "table with too many cells": lambda run: (run / "logs" / "metrics.csv").write_text("a,b\n1,2,3\n"),
    **{
        f"a folder {name}": in_place_of(name)
        for name in ("config.yaml", "status.json", "scores.jsonl", "train.log", "logs/metrics.csv", "training.png")
    },
    **{f"a file {name}": instead_of_folder(name) for name in ("checkpoints", "logs", "samples")},
}


@pytest.mark.parametrize("spoil", OTHERS.values(), ids=OTHERS)
def test_other_files_that_are_malformed_are_named_before_training(run, spoil):
    (run / "logs").mkdir(exist_ok=True)
    spoil(run)
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    with pytest.raises(users_errors()) as told:
        resume(run)
    assert re.search("config.yaml|metrics.csv|is not a f", sentence(told.value))
    assert {file: file.read_bytes() for file in run.rglob("*") if file.is_file()} == before


def test_folder_that_cannot_be_written_is_named_before_training(run, monkeypatch):
    monkeypatch.setattr("gan_lightning.runs.usable.os.access", lambda *_: False)  # what root never sees
    with pytest.raises(SettingError, match="cannot be written; make it writable, or copy the run"):
        resume(run)


def test_what_can_be_done_without_is_gone_on_without(run, caplog):
    (run / "status.json").write_text("running, I think")
    (run / "logs" / "metrics.csv").parent.mkdir(exist_ok=True)
    (run / "logs" / "metrics.csv").write_text("")
    (run / "scores.jsonl").write_text('{"images_seen": 8, "fid')
    Image.new("RGB", (7, 5)).save(run / "samples" / "000000009.png")
    (run / "samples" / "000000010.png").write_text("no picture")
    os.mkfifo(run / "samples" / "000000011.png")
    resume(run)
    assert "training.png leaves them out: 000000009.png, 000000010.png" in caplog.text
    assert read(run)["counters"]["images_seen"] == 64
    assert (run / "training.png").is_file()


@pytest.mark.parametrize("text", ["{", "[1]", '{"state": 3}', '{"state": "running", "seconds": "long"}', "[" * 10**5])
def test_damaged_status_is_none(tmp_path, text):
    (tmp_path / "status.json").write_text(text)
    assert read_status(tmp_path) is None


def test_of_a_runs_checkpoints_the_best_or_else_the_newest_is_taken(run, caplog):
    folder = run / "checkpoints"
    newest = read(folder / "last.ckpt")
    best = copy.deepcopy(newest)
    best["counters"]["images_seen"] = 5
    torch.save(best, folder / "best.ckpt")
    for path in (run, folder):
        assert read(path)["counters"]["images_seen"] == 5
    (folder / "best.ckpt").write_bytes(b"damaged")
    for path in (run, folder):
        assert read(path)["counters"]["images_seen"] == 32
    assert "best.ckpt: is damaged or half-written; passed over" in caplog.text
    assert gan_lightning.load(run).model.images_seen == 32
    with pytest.raises(SettingError, match=r"^checkpoint: names .*run/checkpoints/.*\.ckpt twice; name each once$"):
        gan_lightning.ensemble([run, folder])
    assert "4 images" in generate(composed("generate", f"checkpoint={run}", "n=4", f"run_dir={run}/made"))
    shutil.rmtree(folder)
    with pytest.raises(SettingError, match=r"checkpoint=.*run: this folder holds no checkpoint that can be read"):
        read(run)
