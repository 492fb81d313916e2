"""The checkpoints that are kept: the best by a score, and the newest."""

import csv
import json

import pytest
import torch

from gan_lightning.metrics import GenerationScores
from gan_lightning.training import train

pytestmark = pytest.mark.long

DIGITS = ["dataset=digits", "network.width=4", "metrics.extractor.images=2000", "metrics.num_fake=100"]


def test_best_checkpoint_follows_the_monitor_and_the_newest_is_kept(composed, tmp_path):
    config = composed(*DIGITS, "trainer.max_epochs=3", "metrics.monitor=is_classifier")
    best = train(config)
    with (tmp_path / "run" / "logs" / "metrics.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["is_classifier"]]
    scores = {int(row["images_seen"]): float(row["is_classifier"]) for row in rows}
    assert best == pytest.approx(max(scores.values()))
    folder = tmp_path / "run" / "checkpoints"
    seen = {name: torch.load(folder / f"{name}.ckpt")["counters"]["images_seen"] for name in ("best", "last")}
    assert seen["best"] == max(scores, key=scores.__getitem__)
    assert seen["last"] == max(scores)


def test_newest_is_kept_also_when_it_is_worse(composed, tmp_path, monkeypatch):
    falling = iter([5.0, 1.0, 3.0, 4.0])
    monkeypatch.setattr(GenerationScores, "compute", lambda _: {"fid_classifier": next(falling), "is_classifier": 1.0})
    assert train(composed(*DIGITS, "trainer.max_epochs=4")) == 1.0
    folder = tmp_path / "run" / "checkpoints"
    seen = {name: torch.load(folder / f"{name}.ckpt")["counters"]["images_seen"] for name in ("best", "last")}
    assert seen == {"best": 2 * 44 * 32, "last": 4 * 44 * 32}


@pytest.mark.parametrize("budget", [["max_generator_steps=50"], ["trainer.max_epochs=3"]])
def test_the_end_is_validated_whatever_the_interval(composed, tmp_path, budget):
    best = train(composed(*DIGITS, *budget, "trainer.check_val_every_n_epoch=10"))
    (line,) = (tmp_path / "run" / "scores.jsonl").read_text().splitlines()
    assert json.loads(line)["fid_classifier"] == pytest.approx(best)
    last = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt")
    assert last["counters"]["generator_step"] == (50 if "max_gen" in budget[0] else 132)


def test_without_scores_the_newest_is_kept_and_there_is_no_score(composed, tmp_path):
    assert train(composed("dataset=digits", "network.width=4", "metrics=none", "trainer.max_epochs=2")) is None
    last = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt")
    assert last["counters"]["images_seen"] == 2 * 44 * 32


def test_unlabelled_data_train_with_a_score_and_a_best_checkpoint(composed, tmp_path, caplog):
    fake = ["dataset=fake", "dataset.source.num_classes=0", "dataset.source.size=64", "network.width=4"]
    caplog.set_level("INFO", "gan_lightning")
    score = train(composed(*fake, "trainer.max_epochs=1"))
    assert caplog.text.count("the data have no labels") == 1
    assert (tmp_path / "run" / "checkpoints" / "best.ckpt").exists()
    (line,) = map(json.loads, (tmp_path / "run" / "scores.jsonl").read_text().splitlines())
    assert line["swd"] == pytest.approx(score)
    assert line["references"]["real"]["swd"] < line["swd"]
