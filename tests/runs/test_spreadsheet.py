"""What a spreadsheet opens is text and numbers, no formula."""

import csv
import json

import pytest
from folders import finished

from gan_lightning.report import load_runs
from gan_lightning.runs.spreadsheet import harmless
from gan_lightning.runs.summary import write_summary


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1", "'=1"),
        ("@a", "'@a"),
        ("  +a", "'  +a"),
        ("-a", "'-a"),
        ("\ta", "'\ta"),
        ("a\r=1", "a\n=1"),
        ("-1.5", "-1.5"),
        ("+1e-3", "+1e-3"),
        ("a=1", "a=1"),
        ("", ""),
        (-1.5, -1.5),
        (None, None),
    ],
)
def test_only_text_that_looks_like_a_formula_is_marked(cell, written):
    assert harmless(cell) == written


def test_summary_of_a_sweep_holds_no_formula(tmp_path):
    (tmp_path / "=1").mkdir()
    told = finished(state="failed", error="=HYPERLINK()", best=-2.0, overrides=["@x=-1", "note==1+1"])
    (tmp_path / "=1" / "status.json").write_text(json.dumps({**told, "host": "here", "pid": 1}))
    write_summary(tmp_path)
    with (tmp_path / "summary.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["folder"] == "./=1"  # a path, so it can be typed, and no formula
    assert (row["'@x"], row["note"], row["best"], row["error"]) == ("-1", "'=1+1", "-2.0", "'=HYPERLINK()")


def test_every_player_of_any_model_has_a_column_in_both_tables(tmp_path):
    """A GAN, a model of one player and one of three; a run whose status cannot be read is left out."""
    sizes = [{"generator": 2, "discriminator": 1}, {"encoder": 3}, {"generator": 4, "discriminator": 5, "encoder": 6}]
    for job, parameters in enumerate(sizes):
        (tmp_path / "nested" / f"seed={job}").mkdir(parents=True)
        told = finished(
            parameters=parameters, best=float(job), mode="min", overrides=[f"seed={job}", "~callbacks.best"]
        )
        (tmp_path / "nested" / f"seed={job}" / "status.json").write_text(json.dumps(told))
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "status.json").write_text(json.dumps({**told, "overrides": 3}))
    write_summary(tmp_path)
    with (tmp_path / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["folder"] for row in rows] == [f"nested/seed={job}" for job in range(3)]
    assert rows[0]["callbacks.best"] == "none"
    table = load_runs(tmp_path).set_index("run")
    for row, parameters in zip(rows, sizes, strict=True):
        for player in ("generator", "discriminator", "encoder"):
            size = parameters.get(player, "")
            assert row[f"parameters.{player}"] == str(size)
            assert table.loc[row["folder"]].fillna("")[f"parameters.{player}"] == size
