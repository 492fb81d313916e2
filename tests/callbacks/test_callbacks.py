"""Pictures, curves and what the best checkpoint follows."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra.utils import instantiate
from matplotlib.figure import Figure
from PIL import Image

from gan_lightning.callbacks import Curves, curves
from gan_lightning.data.contracts import scaled
from gan_lightning.errors import SettingError
from gan_lightning.metrics import GenerationScores
from gan_lightning.sampling.pictures import FRAME, grid
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


def test_pictures_after_every_validation_come_from_the_same_noise_above_real_ones(composed, tmp_path):
    config = composed("model=cgan", *DIGITS, "trainer.max_epochs=3", "trainer.check_val_every_n_epoch=1")
    train(config)
    samples = sorted((tmp_path / "run" / "samples").iterdir())
    assert [path.stem for path in samples] == [f"{epoch * 44 * 32:09}" for epoch in range(4)]
    with Image.open(tmp_path / "run" / "training.png") as strip:
        rows = np.array(strip)
    assert rows.shape == (5 * 66 + 2, 8 * 66 + 2, 3)
    with Image.open(tmp_path / "run" / "real.png") as picture:
        real = np.array(picture)
    assert real.shape == (8 * 66 + 2, 8 * 66 + 2, 3)
    for row, path in enumerate(samples):
        with Image.open(path) as picture:
            grid_of_samples = np.array(picture)
        assert grid_of_samples.shape == (9 * 66 + 2, 8 * 66 + 2, 3)
        assert np.array_equal(grid_of_samples[2:66], rows[row * 66 + 2 : row * 66 + 66]), path
        last = grid_of_samples[-68:]
        assert np.array_equal(last, rows[-68:])
        assert all((last[edge] == FRAME).all() for edge in (0, 1, -2, -1))
        assert (last[:, [0, 1, 66, 67, -2, -1]] == FRAME).all()
        for column in range(8):
            inside = slice(column * 66 + 2, column * 66 + 66)
            assert np.array_equal(last[2:66, inside], real[2:66, inside])


def test_real_images_are_of_the_wanted_classes_and_differ(composed):
    data = instantiate(composed("dataset=digits").dataset)
    label = torch.arange(20) % 10
    chosen = data.examples(20, label)
    images = data.images("train")
    for image, one in zip(chosen, label, strict=True):
        same = (scaled(images.pixels(list(range(len(images))))) == image).flatten(1).all(1)
        assert one in images.labels[same]
    assert len({image.numpy().tobytes() for image in data.examples(30, None)}) == 30
    assert torch.equal(data.examples(20, label), chosen)


def test_strip_is_thinned_out_from_first_to_last(composed, tmp_path):
    every = "trainer.check_val_every_n_epoch=1"
    train(composed(*DIGITS, "trainer.max_epochs=4", every, "callbacks.samples.strip_rows=3"))
    with Image.open(tmp_path / "run" / "training.png") as strip:
        rows = np.array(strip)
    assert rows.shape[0] == 4 * 66 + 2
    last = sorted((tmp_path / "run" / "samples").iterdir())[-1]
    with Image.open(last) as picture:
        assert np.array_equal(np.array(picture)[2:66], rows[2 * 66 + 2 : 3 * 66])


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


@pytest.mark.parametrize(
    ("columns", "strip_rows", "model", "told"),
    [
        (210, 10, "dataset=fake", "columns=210: 211 rows of 210 images"),
        (100, 900, "dataset=fake", "strip_rows=900: 902 rows of 100 images"),
        (900, 50, "model=cyclegan", "strip_rows=50: 52 rows of 900 images"),
    ],
)
def test_pictures_too_large_to_be_opened_are_refused_before_training(
    composed, tmp_path, columns, strip_rows, model, told
):
    data = "dataset=fake_unpaired" if model == "model=cyclegan" else "max_images=1024"
    small = ["dataset.source.size=64", "dataset.resolution=32", "network.width=4", "metrics=none", "max_images=1024"]
    shown = [f"callbacks.samples.columns={columns}", f"callbacks.samples.strip_rows={strip_rows}"]
    with pytest.raises(SettingError, match=rf"callbacks.samples.{told}.*at most 80,000,000 are drawn"):
        train(composed(model, data, *small, *shown))
    assert not (tmp_path / "run" / "samples").exists()


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


def drawn(folder: Path, log: str, monkeypatch) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """The points of each curve by its name, by the panel's title."""
    (folder / "metrics.csv").write_text(log)
    made = []
    monkeypatch.setattr(curves, "Figure", lambda **settings: made.append(Figure(**settings)) or made[-1])
    callback = Curves(str(folder), str(folder / "metrics.csv"))
    callback.higher_is_better = {"fid_classifier": False, "l1": False, "psnr": True, "ssim": True}
    callback.draw()
    return {
        axes.get_title(): {line.get_label(): list(map(tuple, line.get_xydata())) for line in axes.get_lines()}
        for axes in (made[0].axes if made else ())
    }


def test_curves_have_a_panel_of_each_kind_of_score_that_was_logged_and_none_is_empty(tmp_path, monkeypatch):
    scores = ["fid_classifier", "fid_inception", "l1", "cycle_l1", "psnr", "psnr_a2b", "ssim", "swd", "high_quality"]
    losses = ["loss_generator", "loss_discriminator", "logit_real", "lr_generator"]
    rows = [
        ["step", "images_seen", "generator_step", *losses, *scores, "lr-Adam"],
        [100, 100, 3, 1.0, 2.0, 0.1, 0.01, *[""] * len(scores), ""],
        [200, 200, 6, 0.5, 1.5, 0.2, 0.01, *[""] * len(scores), ""],
        [200, 200, 6, "", "", "", "", *range(len(scores)), ""],
        [300, "", "", "", "", "", "", *[""] * len(scores), 0.1],  # of Lightning's LearningRateMonitor
        [200, 200, 6, "", "", "", "", *range(1, len(scores) + 1), ""],  # of a resumed run
        [400, 400, 6, "", "", "", "", "nan", *range(1, len(scores)), ""],
    ]
    panels = drawn(tmp_path, "".join(",".join(map(str, row)) + "\n" for row in rows), monkeypatch)
    assert {name: list(lines) for name, lines in panels.items()} == {
        "losses": ["generator", "discriminator"],
        "fid (lower is better)": ["fid_classifier", "fid_inception"],
        "l1 (lower is better)": ["l1", "cycle_l1"],
        "psnr (higher is better)": ["psnr", "psnr_a2b"],
        "ssim (higher is better)": ["ssim"],
        "swd": ["swd"],  # nobody says which value is better
        "high_quality": ["high_quality"],
    }
    assert panels["losses"]["generator"] == [(100, 1.0), (200, 0.5)]
    assert panels["ssim (higher is better)"]["ssim"] == [(200, 7.0), (400, 6.0)]
    with Image.open(tmp_path / "curves.png") as picture:
        assert len(np.unique(np.array(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 10


def test_curves_of_one_kind_are_one_panel_and_no_log_draws_nothing(tmp_path, monkeypatch):
    assert drawn(tmp_path, "step,images_seen\n", monkeypatch) == {}
    assert not (tmp_path / "curves.png").exists()
    assert list(drawn(tmp_path, "step,images_seen,loss_generator\n1,1,2.0\n", monkeypatch)) == ["losses"]
