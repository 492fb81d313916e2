"""Toy mixtures from the console scripts: a sweep, its scores again, its points."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from gan_lightning.jobs import evaluate, generate, train

pytestmark = pytest.mark.long

SHORT = ["experiment=toy_ring", "dataset.num_train=10240", "max_generator_steps=80", "metrics.num_fake=300"]
SHORT += ["dataset.mixture.std=0.1", "trainer.accelerator=cpu", "callbacks.progress.refresh_rate=0"]


@pytest.fixture
def script(monkeypatch, capfd, tmp_path):
    """Runs a console script's function in this process and a folder of the test, and returns what it prints."""

    def call(module, *arguments: str) -> str:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["script", *arguments])
        module.main()
        return capfd.readouterr().out

    return call


def last_scores(run: Path) -> dict:
    return json.loads((run / "scores.jsonl").read_text().splitlines()[-1])


def test_sweep_scores_every_run_and_its_checkpoints_work(script, tmp_path):
    script(train, *SHORT, "loss=non_saturating,hinge", "hydra.sweep.dir=sweep", "-m")
    runs = sorted((tmp_path / "sweep").glob("*loss=*"))
    assert len(runs) == 2
    scores = [last_scores(run) for run in runs]
    assert len({score["reverse_kl"] for score in scores}) == 2
    for score in scores:
        assert score["protocol"]["num_fake"] == 300
        assert score["high_quality"] == pytest.approx(sum(score["samples_at_mode"]) / 300)
    for run in runs:
        with (run / "logs" / "metrics.csv").open() as file:
            assert any(row["modes"] for row in csv.DictReader(file))
        for picture in ("training.png", "curves.png", "samples/000000000.png"):
            assert (run / picture).is_file()

    last = f"checkpoint={runs[-1]}/checkpoints/last.ckpt"
    names = ("modes", "high_quality", "reverse_kl")
    told = dict(line.split()[:2] for line in script(evaluate, last).splitlines() if line.startswith(names))
    assert {name: float(value) for name, value in told.items()} == pytest.approx(
        {name: scores[-1][name] for name in names}, abs=1e-4
    )
    script(generate, last, "n=7", "hydra.run.dir=points")
    points = np.loadtxt(tmp_path / "points" / "points.csv", delimiter=",", skiprows=1)
    assert points.shape == (7, 2)
    assert 0 < np.abs(points).max() <= 1
