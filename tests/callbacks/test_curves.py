"""The curves that are drawn from the log."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from gan_lightning.callbacks import Curves, curves


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


def test_curves_are_drawn_now_and_then_and_at_the_end(tmp_path, monkeypatch):
    (tmp_path / "metrics.csv").write_text("step,images_seen,loss_generator\n1,1,2.0\n")
    callback = Curves(str(tmp_path), str(tmp_path / "metrics.csv"))
    times, now = [], [0.0]
    monkeypatch.setattr(callback, "draw", lambda: times.append(now[0]))
    monkeypatch.setattr(curves.time, "monotonic", lambda: now[0])
    trainer = SimpleNamespace(is_global_zero=True)
    for second in (0, 10, 19, 20, 30, 41):
        now[0] = second
        callback.on_validation_end(trainer, None)
    assert times == [0, 20, 41]
    now[0] = 42
    callback.on_fit_end(trainer, None)
    callback.on_exception(trainer, None, KeyboardInterrupt())
    assert times[3:] == [42, 42]
