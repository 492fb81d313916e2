"""Pictures, curves and what the best checkpoint follows."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.callbacks import Curves, grid
from gan_lightning.metrics import GenerationScores
from gan_lightning.train import train

DIGITS = ["dataset=digits", "network.width=4", "metrics.extractor.images=2000", "metrics.num_fake=100"]


def test_grid_enlarges_small_images_and_keeps_their_colours():
    images = torch.full((4, 3, 16, 16), -1.0)
    images[1, 0] = 1.0
    picture = grid(images, columns=2)
    assert picture.shape == (3, 2 * 66 + 2, 2 * 66 + 2)
    assert picture[:, 3, 3].tolist() == [0, 0, 0]
    assert picture[:, 3, 80].tolist() == [255, 0, 0]
    assert grid(torch.zeros(2, 1, 128, 128), columns=2).shape == (3, 132, 2 * 130 + 2)


def test_pictures_after_every_validation_come_from_the_same_noise(composed, tmp_path):
    train(composed("model=cgan", *DIGITS, "trainer.max_epochs=3"))
    samples = sorted((tmp_path / "run" / "samples").iterdir())
    assert [path.stem for path in samples] == [f"{epoch * 44 * 32:09}" for epoch in range(4)]
    with Image.open(tmp_path / "run" / "training.png") as strip:
        rows = np.array(strip)
    assert rows.shape == (4 * 66 + 2, 8 * 66 + 2, 3)
    for row, path in enumerate(samples):
        with Image.open(path) as picture:
            assert np.array_equal(np.array(picture)[2:66], rows[row * 66 + 2 : row * 66 + 66]), path


def test_strip_is_thinned_out_from_first_to_last(composed, tmp_path):
    train(composed(*DIGITS, "trainer.max_epochs=4", "callbacks.samples.strip_rows=3"))
    with Image.open(tmp_path / "run" / "training.png") as strip:
        rows = np.array(strip)
    assert rows.shape[0] == 3 * 66 + 2
    last = sorted((tmp_path / "run" / "samples").iterdir())[-1]
    with Image.open(last) as picture:
        assert np.array_equal(np.array(picture)[2:66], rows[-66:-2])


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


def test_unlabelled_data_train_without_scores(composed, tmp_path, caplog):
    fake = ["dataset=fake", "dataset.source.num_classes=0", "dataset.source.size=64", "network.width=4"]
    assert train(composed(*fake, "trainer.max_epochs=1")) is None
    assert caplog.text.count("no FID and IS") == 1
    assert (tmp_path / "run" / "checkpoints" / "last.ckpt").exists()


def test_curves_are_drawn_from_the_log(tmp_path):
    log = "images_seen,loss_generator,loss_discriminator,fid_classifier\n100,1.0,2.0,\n200,0.5,1.5,\n200,,,30.0\n"
    Path(tmp_path / "metrics.csv").write_text(log)
    Curves(str(tmp_path), str(tmp_path / "metrics.csv"), ["loss_", "fid_", "is_"]).draw()
    with Image.open(tmp_path / "curves.png") as picture:
        colours = np.unique(np.array(picture.convert("RGB")).reshape(-1, 3), axis=0)
    assert len(colours) > 10
