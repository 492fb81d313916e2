"""The table of runs and their means over seeds."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from folders import PROTOCOL, composed, finished, sweep, write_run

from gan_lightning.errors import SettingError
from gan_lightning.report import load_runs, over_seeds
from gan_lightning.report.table import markdown, score_columns, setting_columns

LOSSES = {500: 1.0}


def seeds(folder: Path, fids: list[float], loss: str = "Hinge", **given) -> None:
    for seed, fid in enumerate(fids):
        overrides = [f"loss={loss.lower()}", f"seed={seed}"]
        course = {1000: fid - 1, 2000: fid}
        write_run(folder / f"{loss}{seed}", overrides, composed(seed, loss), course, LOSSES, **given)


def test_row_has_last_and_best_scores_and_what_the_status_says(tmp_path):
    fids = {1000: 30.0, 2000: 10.0, 3000: 12.0}
    write_run(tmp_path / "run", ["loss=hinge"], composed(), fids, LOSSES, status=finished(images_seen=3500))
    lines = [json.loads(line) for line in (tmp_path / "run" / "scores.jsonl").read_text().splitlines()]
    for line, score in zip(lines, (1.0, 2.0, 3.0), strict=True):
        line |= {"is_classifier": score, "detail": {"a": 1}}
    (tmp_path / "run" / "scores.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (row,) = load_runs(tmp_path).to_dict("records")
    assert json.loads(row.pop("protocol")) == PROTOCOL
    assert row == {
        "run": "run",
        "group": 0,
        "seed": 0,
        "state": "finished",
        "problem": "",
        "last.fid_classifier": 12.0,
        "best.fid_classifier": 10.0,
        "last.is_classifier": 3.0,
        "best.is_classifier": 2.0,  # of the checkpoint that FID chose
        "scored_at": 3000,
        "images_seen": 3500,
        "seconds": 90.0,
        "images_per_second": 33.3,
        "parameters.generator": 200_000,
        "parameters.discriminator": 50_000,
    }


def test_best_follows_the_mode_of_the_monitor_and_ignores_what_is_no_number(tmp_path):
    fids = {1000: 3.0, 2000: 9.0, 3000: math.inf, 4000: math.nan}
    run = write_run(tmp_path / "run", [], composed(), fids, LOSSES)
    assert load_runs(tmp_path)["best.fid_classifier"].tolist() == [3.0]
    config = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(config.replace("mode: min", "mode: max"))
    assert load_runs(tmp_path)["best.fid_classifier"].tolist() == [9.0]


def test_columns_of_older_runs_are_empty(tmp_path):
    seeds(tmp_path, [5.0])
    (row,) = load_runs(tmp_path).to_dict("records")
    assert row["state"] == "unknown"
    assert row["images_seen"] == 2000  # from the log
    assert all(math.isnan(row[name]) for name in ("seconds", "images_per_second", "parameters.generator"))


def test_means_over_seeds_equal_those_of_numpy(tmp_path):
    values = {"Hinge": [5.0, 6.5, 9.0], "Minimax": [4.0, 4.5], "Wasserstein": [7.0]}
    for loss, fids in values.items():
        seeds(tmp_path, fids, loss)
    frame = load_runs(tmp_path)
    assert setting_columns(frame) == ["loss", "seed"]
    assert score_columns(frame) == ["last.fid_classifier", "best.fid_classifier"]
    means = over_seeds(frame).set_index("loss")
    for loss, fids in values.items():
        row = means.loc[loss.lower()]
        assert row["runs"] == row["last.fid_classifier.n"] == len(fids)
        assert row["last.fid_classifier.mean"] == pytest.approx(np.mean(fids))
        assert row["best.fid_classifier.mean"] == pytest.approx(np.mean(fids) - 1)
        if len(fids) > 1:
            assert row["last.fid_classifier.std"] == pytest.approx(np.std(fids, ddof=1))
    assert math.isnan(means.loc["wasserstein"]["last.fid_classifier.std"])


def test_forty_runs_agree_with_a_plain_groupby(tmp_path):
    frame = load_runs(sweep(tmp_path, validations=2, rows=2))
    expected = frame.dropna(subset="last.fid_classifier").groupby("loss")["last.fid_classifier"]
    means = over_seeds(frame).set_index("loss")
    for ours, theirs in (("mean", expected.mean()), ("std", expected.std()), ("n", expected.count())):
        pd.testing.assert_series_equal(
            means[f"last.fid_classifier.{ours}"].sort_index(), theirs.sort_index(), check_names=False
        )
    assert means["runs"].tolist() == [10] * 4
    assert means["last.fid_classifier.n"].tolist() == [10, 10, 10, 9]


def test_runs_that_are_not_through_and_scores_that_are_no_numbers_do_not_count(tmp_path):
    seeds(tmp_path, [5.0, 7.0, 100.0, 100.0, 100.0, math.inf], status=finished())
    for seed, state in ((2, "failed"), (3, "running"), (4, "interrupted")):
        (tmp_path / f"Hinge{seed}" / "status.json").write_text(json.dumps(finished(state=state, error="x")))
    (row,) = over_seeds(load_runs(tmp_path)).to_dict("records")
    assert (row["runs"], row["last.fid_classifier.n"], row["last.fid_classifier.mean"]) == (6, 2, 6.0)


def test_older_runs_count_if_they_came_as_far_as_the_others(tmp_path):
    seeds(tmp_path, [5.0, 7.0])
    write_run(tmp_path / "early", ["loss=hinge", "seed=2"], composed(2), {1000: 100.0}, LOSSES)
    (row,) = over_seeds(load_runs(tmp_path)).to_dict("records")
    assert (row["runs"], row["last.fid_classifier.n"], row["last.fid_classifier.mean"]) == (3, 2, 6.0)


def test_a_run_that_finished_sooner_than_others_counts(tmp_path):
    seeds(tmp_path, [5.0, 7.0], status=finished())
    stopped = tmp_path / "stopped"  # by callbacks=early_stopping, say
    write_run(stopped, ["loss=hinge", "seed=2"], composed(2), {1000: 12.0}, LOSSES, status=finished(images_seen=1000))
    (row,) = over_seeds(load_runs(tmp_path)).to_dict("records")
    assert (row["runs"], row["last.fid_classifier.n"], row["last.fid_classifier.mean"]) == (3, 3, 8.0)


def test_scores_of_different_protocols_are_never_averaged(tmp_path):
    seeds(tmp_path / "a", [5.0, 7.0])
    seeds(
        tmp_path / "b",
        [50.0, 70.0],
        protocol={**PROTOCOL, "num_fake": 100, "swd": {"directions": 128}, "value_range": None},
    )
    frame = load_runs(tmp_path)
    assert frame.group.nunique() == 1
    assert over_seeds(frame)["last.fid_classifier.mean"].tolist() == [6.0, 60.0]
    told = markdown(frame, [])
    assert "| `default` |" not in told
    assert "6.00 ± 1.41 [a]" in told
    assert "60.0 ± 14.1 [b]" in told
    assert "[b] extractor classifier, num_fake 100," in told
    assert ", swd (directions 128), " in told
    assert "value_range" not in told
    assert told.endswith("Scores of different protocols cannot be compared.")


def test_whole_numbers_stay_whole_beside_runs_that_lack_the_setting(tmp_path):
    write_run(tmp_path / "a", [], composed(), {1000: 1.0}, LOSSES)
    write_run(tmp_path / "b", ["+trainer.limit=3"], {**composed(), "trainer": {"limit": 3}}, {1000: 1.0}, LOSSES)
    assert load_runs(tmp_path)["trainer.limit"].tolist() == [None, 3]


def test_markdown_has_the_chosen_scores(tmp_path):
    seeds(tmp_path, [5.0, 7.0])
    seeds(tmp_path, [0.1234], "Minimax")
    (tmp_path / "Minimax1").mkdir()
    failed = finished(state="failed", error="x", overrides=["loss=minimax", "seed=1"])
    (tmp_path / "Minimax1" / "status.json").write_text(json.dumps(failed))
    frame = load_runs(tmp_path)
    assert markdown(frame, ["last.fid_classifier"]).splitlines() == [
        "| loss | runs | last.fid_classifier |",
        "| --- | --- | --- |",
        "| `hinge` | 2 | 6.00 ± 1.41 |",
        "| `minimax` | 2 | 0.123 (1 of 2) |",
        "",
        "Protocol: extractor classifier, num_fake 500, num_real 1000, weights_sha256 ab12",
    ]
    with pytest.raises(SettingError, match="--scores fid: these runs have last.fid_classifier, best.fid_classifier"):
        markdown(frame, ["fid"])


def test_runs_without_any_score_have_a_table_too(tmp_path):
    write_run(tmp_path / "run", [], composed(), {}, LOSSES)
    frame = load_runs(tmp_path)
    assert score_columns(frame) == []
    assert over_seeds(frame).to_dict("records") == [{"group": 0, "runs": 1, "protocol": ""}]
    assert markdown(frame, []).splitlines() == ["| runs |", "| --- |", "| 1 |"]
