"""The table of a sweep: which job is the best, and what its columns are."""

import csv
from dataclasses import replace

import pytest

from gan_lightning.runs.status import Status, write
from gan_lightning.runs.summary import Job, jobs, show, state, write_summary


def job(folder, name: str, *overrides: str, best: float | None = None, mode: str = "min", **facts) -> None:
    status = Status("finished", list(overrides), monitor="fid", mode=mode, best=best, last=best, seconds=12.34)
    (folder / name).mkdir(parents=True)
    write(folder / name, replace(status, **facts))


@pytest.mark.parametrize(("mode", "order"), [("min", ["b", "a", "c"]), ("max", ["a", "b", "c"])])
def test_the_best_job_is_first_and_jobs_that_have_not_finished_are_last(tmp_path, mode, order):
    job(tmp_path, "a", best=9.0, mode=mode)
    job(tmp_path, "b", best=2.0, mode=mode)
    job(tmp_path, "c", mode=mode)
    job(tmp_path, "d", best=1.0, mode=mode, state="failed")
    (tmp_path / "no_job").mkdir()
    assert [one.folder for one in jobs(tmp_path)] == [*order, "d"]


def test_the_file_has_a_row_for_each_job_and_a_column_for_each_setting_of_any(tmp_path):
    job(tmp_path, "0_loss=hinge", "loss=hinge", "seed=1", best=3.0)
    job(tmp_path, "1_loss=lsgan", "loss=lsgan", "+lr=0.1", best=2.0)
    job(tmp_path, "=formula", "loss=wgan", state="failed", error="no room")
    write_summary(tmp_path)
    rows = list(csv.DictReader((tmp_path / "summary.csv").read_text().splitlines()))
    assert [row["folder"] for row in rows] == ["1_loss=lsgan", "0_loss=hinge", "./=formula"]
    assert [row["loss"] for row in rows] == ["lsgan", "hinge", "wgan"]
    assert [row["seed"] for row in rows] == ["", "1", ""]
    assert [(row["state"], row["error"]) for row in rows][1:] == [("finished", ""), ("failed", "no room")]
    assert [row["best"] for row in rows] == ["2.0", "3.0", ""]


def test_the_table_shows_only_the_settings_in_which_jobs_differ(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    same = ["model.width=64"]
    shown = [
        Job("a", Status("finished", ["lr=0.000123456789", *same], monitor="fid", mode="min", best=2.0, seconds=3.0)),
        Job("b", Status("running", ["lr=[1,2]", *same], monitor="is", mode="max", best=5.0)),
    ]
    show(shown)
    text = capsys.readouterr().out
    head, first, second = (line for line in text.splitlines() if any(c.isalnum() for c in line))
    assert head.replace("┃", " ").split() == ["lr", "state", "fid", "is", "seconds"]
    assert first.replace("│", " ").split() == ["0.0001235", "finished", "2.000", "3.0"]
    assert second.replace("│", " ").split() == ["[1,2]", "killed", "5.000"]


def test_a_job_that_is_over_and_says_that_it_runs_was_killed():
    assert [state(Status(one)) for one in ("running", "failed", "finished")] == ["killed", "failed", "finished"]
