"""A dry run says what a run would be, trains nothing and leaves nothing."""

import sys
from pathlib import Path

import pytest

from gan_lightning.console import cli
from gan_lightning.errors import SettingError
from gan_lightning.jobs import train as jobs
from gan_lightning.training import train

TINY = ["dataset=fake", "dataset.source.size=64", "dataset.batch_size=8", "dataset.resolution=16", "network.width=4"]
RUN = [*TINY, "callbacks=base", "metrics=none", "max_images=16"]


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_prints_the_start_and_leaves_no_folder(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["gan-train", *RUN, "--dry-run", "hydra.run.dir=run", "trainer.accelerator=cpu"])
    jobs.main()
    told = capfd.readouterr().err
    assert "Networks   generator dcgan.DCGANGenerator" in told
    assert "Budget     16 images, 2 updates of 8" in told
    assert "This was a dry run: nothing was trained" in told
    assert "Checkpoint" not in told
    assert not list(tmp_path.iterdir())


def test_a_dry_run_refuses_what_a_run_would(composed):
    with pytest.raises(Exception, match="dataset.resolution=17: this network takes a power of two"):
        train(composed("dry_run=true", *TINY, "dataset.resolution=17"))


def test_a_dry_run_of_a_resumed_run_changes_nothing_there(composed, tmp_path):
    train(composed(*RUN))
    before = content(tmp_path / "run")
    assert train(composed(*RUN, "dry_run=true", "max_images=32", f"resume={tmp_path}/run")) is None
    assert content(tmp_path / "run") == before
    with pytest.raises(SettingError, match="resume: cannot change seed"):
        train(composed(*RUN, "dry_run=true", "seed=3", f"resume={tmp_path}/run"))


def test_a_sweep_has_no_dry_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["gan-train", "--dry-run", "loss=hinge,lsgan", "-m"])
    with pytest.raises(SystemExit):
        jobs.main()
    assert "dry_run=true: looks at a single run; leave -m out" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_flag_is_of_training_alone(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gan-generate", "--dry-run"])
    with pytest.raises(SystemExit):
        cli.run(lambda: None)
    assert "--dry-run: is unknown" in capsys.readouterr().err
