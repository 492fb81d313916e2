"""gan_lightning.train: the run of the command, in this process, as often as one likes."""

import logging
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from runs import command

import gan_lightning
from gan_lightning.errors import SettingError

pytestmark = pytest.mark.long

TINY = {
    "model": "dcgan",
    "dataset": "fake",
    "metrics": "swd",
    "max_images": 48,
    "metrics.num_fake": 70,
    "dataset.source.size": 72,
    "dataset.batch_size": 8,
    "dataset.resolution": 16,
    "network.width": 4,
    "trainer.accelerator": "cpu",
    "callbacks.samples.columns": 2,
    "~callbacks.curves": None,
}
UNSCORED = {**{name: value for name, value in TINY.items() if not name.startswith("metrics")}, "metrics": "none"}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> list[gan_lightning.RunResult]:
    """Two runs of one process, one after the other."""
    folder = tmp_path_factory.mktemp("python")
    before = Path.cwd()
    os.chdir(folder)
    try:
        return [gan_lightning.train(**TINY, **{"hydra.run.dir": name, "seed": seed}) for seed, name in enumerate("ab")]
    finally:
        os.chdir(before)


def weights(run: Path) -> dict[str, torch.Tensor]:
    return torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def test_the_run_is_that_of_the_command(two, tmp_path):
    typed = [f"{name}={value}" for name, value in TINY.items() if value is not None]
    done = command("gan-train", *typed, "~callbacks.curves", "seed=1", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = weights(tmp_path / "run")
    assert expected.keys() == weights(two[1].folder).keys()
    for name, value in weights(two[1].folder).items():
        assert torch.equal(value, expected[name]), name
    files = {str(path.relative_to(tmp_path / "run")) for path in (tmp_path / "run").rglob("*")}
    assert {str(path.relative_to(two[1].folder)) for path in two[1].folder.rglob("*")} == files
    assert not torch.equal(weights(two[0].folder)["generator.layers.0.weight"], expected["generator.layers.0.weight"])


def test_a_run_tells_what_it_has_left(two):
    result = two[0]
    assert (result.state, result.problem, result.monitor) == ("finished", "", "swd")
    assert result.scores.keys() == {"swd"}
    assert result.best is not None
    assert result.best == pytest.approx(result.scores["swd"])  # of the only validation
    assert result.checkpoint == result.folder / "checkpoints" / "best.ckpt"
    assert result.config["spec"]["height"] == 16
    assert result.history["swd"].dropna().index.tolist()[-1] == 48
    assert result.samples is not None
    assert result.samples.mode == "RGB"
    assert "#" in result.diagnosis
    assert result.model is result.model
    assert [picture.size for picture in result.model.sample(2)] == [(16, 16)] * 2
    assert repr(result) == f"RunResult(finished, best swd {result.best:.3f}, {result.folder})"
    shown = result._repr_html_()
    assert "<td>swd</td>" in shown
    assert "data:image/png;base64," in shown
    page = result.report()
    assert page == result.folder / "report.html"
    assert page.read_text().startswith("<!")


def test_the_process_is_left_as_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    root = logging.getLogger()
    before = (sys.argv, root.handlers[:], root.level, os.environ.get("HYDRA_FULL_ERROR"))
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    expected = [random.random(), np.random.rand(), torch.rand(1).item()]
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    with pytest.raises(SettingError, match="^lr=-1: a number above 0"):
        gan_lightning.train(**TINY, lr=-1)
    assert not (tmp_path / "outputs").exists() or not any(path.is_file() for path in (tmp_path / "outputs").rglob("*"))
    gan_lightning.train(**{**UNSCORED, "max_images": 8})
    assert [random.random(), np.random.rand(), torch.rand(1).item()] == expected
    assert (sys.argv, root.handlers, root.level, os.environ.get("HYDRA_FULL_ERROR")) == before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
    assert not GlobalHydra.instance().is_initialized()
    assert not HydraConfig.initialized()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"los": "hinge"}, "^los: there is no such setting; did you mean loss?"),
        ({"model": "dcgann"}, "model=dcgann"),
        ({"model": "vae", "loss": "hinge"}, "^loss=hinge: gan_lightning.models.VAE has no adversarial loss"),
        ({"loss": ["lsgan", "hinge"]}, "loss=.*takes a single option"),
        ({"resume": "nowhere"}, "resume=.*nowhere"),
        ({"dry_run": True}, "^dry_run=true: leaves no run that could be returned; say gan-train --dry-run"),
    ],
    ids=str,
)
def test_wrong_settings_are_sentences(wrong, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match=message):
        gan_lightning.train(**{**TINY, **wrong})


def test_an_interrupted_run_is_saved_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    long = {**TINY, "max_images": 80_000, "hydra.run.dir": "run", "callbacks.newest.every": 2}

    def interrupt() -> None:
        while not (tmp_path / "run" / "checkpoints" / "last.ckpt").exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    waiting = threading.Thread(target=interrupt)
    waiting.start()
    with pytest.raises(KeyboardInterrupt, match="the run was interrupted and is saved"):
        gan_lightning.train(**long)
    waiting.join()
    run = gan_lightning.RunResult("run")
    assert run.state == "interrupted"
    seen = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)["counters"]["images_seen"]
    done = gan_lightning.train(resume="run", max_images=seen + 8)
    assert done.state == "finished"
    assert (done.folder, done.config["model"]["optimisation"]["max_images"]) == (run.folder, seen + 8)


def test_configurations_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine" / "loss").mkdir(parents=True)
    (tmp_path / "mine" / "loss" / "own.yaml").write_text("_target_: gan_lightning.losses.Hinge\n")
    done = gan_lightning.train(config_dir="mine", **UNSCORED, loss="own")
    assert done.config["model"]["loss"] == {"_target_": "gan_lightning.losses.Hinge"}


def test_a_folder_of_no_run_and_of_several(two, tmp_path):
    with pytest.raises(SettingError, match="no run below it"):
        gan_lightning.RunResult(tmp_path)
    with pytest.raises(SettingError, match="holds 2 runs; name the folder of one"):
        gan_lightning.RunResult(two[0].folder.parent)
