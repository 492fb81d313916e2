"""Folders of runs, whole and half-written ones."""

import json
import re
import shutil
from pathlib import Path

import pytest
from folders import composed, finished, write_run

from gan_lightning.errors import SettingError
from gan_lightning.models import state
from gan_lightning.runs import found as runs
from gan_lightning.runs.found import find_runs

FIDS = {1000: 30.0, 2000: 10.0, 3000: 12.0}
LOSSES = {500: 1.0, 1500: 0.5}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "outputs" / "run", ["loss=hinge"], composed(), FIDS, LOSSES)


def test_whole_run_tells_what_its_folder_holds(run):
    (run / "status.json").write_text(json.dumps(finished()))
    (found,) = find_runs(run.parent)
    assert (found.name, found.state, found.problem, found.overrides) == ("run", "finished", "", ["loss=hinge"])
    assert {n: line["fid_classifier"] for n, line in found.scores.items()} == FIDS
    assert found.curves == {"fid_classifier": FIDS, "loss_generator": LOSSES}
    assert {n: path.name for n, path in found.samples.items()} == {n: f"{n:09}.png" for n in FIDS}


def test_run_without_a_status_is_no_problem(run):
    (found,) = find_runs(run)
    assert (found.state, found.problem, found.name) == ("unknown", "", "run")


def test_runs_are_found_once_wherever_they_lie_with_job_10_after_job_9(run):
    for job in (10, 9):
        write_run(run.parent / "deep" / "sweep" / f"{job}_loss=a,seed={job}", [], composed(), FIDS, LOSSES)
    # No runs: what an evaluation leaves, and a configuration inside of a run.
    (run.parent / "evaluation").mkdir()
    (run.parent / "evaluation" / "scores.jsonl").write_text("{}\n")
    shutil.copytree(run, run / "wandb" / "files")
    assert [found.name for found in find_runs(run.parent, run)] == [
        "deep/sweep/9_loss=a,seed=9",
        "deep/sweep/10_loss=a,seed=10",
        "run",
    ]


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("config.yaml", None, "config.yaml is missing"),
        ("config.yaml", "a: [", r"config.yaml cannot be read \(.+\)"),
        ("config.yaml", "", r"config.yaml cannot be read \(.+\)"),
        ("status.json", '{"state": "fin', r"status.json cannot be read \(.+\)"),
        ("status.json", '["finished"]', r"status.json cannot be read \(.+\)"),
        ("status.json", '{"state": "asleep"}', r"status.json cannot be read \(.+\)"),
        ("logs/metrics.csv", None, "logs/metrics.csv has no rows"),
        ("logs/metrics.csv", "", "logs/metrics.csv has no rows"),
        ("logs/metrics.csv", "step,loss_generator,images_seen\n", "logs/metrics.csv has no rows"),
        ("logs/metrics.csv", "step,images_seen,loss\n1,2,x\n", "line 2 of logs/metrics.csv cannot be read; .* no rows"),
        ("scores.jsonl", '{"images_seen": 1000}\n{"ima', "line 2 of scores.jsonl cannot be read"),
        ("scores.jsonl", '{"images_seen": 1, "protocol": []}\n', "line 1 of scores.jsonl cannot be read"),
        ("scores.jsonl", "[1]\n", "line 1 of scores.jsonl cannot be read"),
        ("scores.jsonl", b"\xff\xfe", r"scores.jsonl cannot be read \(.+\)"),
    ],
)
def test_half_written_run_is_listed_with_its_reason(run, file, content, problem):
    if content is None:
        (run / file).unlink()
    else:
        (run / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    (found,) = find_runs(run)
    assert found.state == "incomplete"
    assert re.fullmatch(problem, found.problem)


def test_torn_last_row_of_a_run_that_goes_on_is_left_out(run):
    (run / "status.json").write_text(json.dumps(finished(state="running")))
    with (run / "logs" / "metrics.csv").open("a") as file:
        file.write("4000,,0.2")
    (found,) = find_runs(run)
    assert (found.state, found.problem) == ("running", "")
    assert found.curves["loss_generator"] == LOSSES


def test_a_run_that_has_just_begun_is_no_problem(run):
    (run / "status.json").write_text(json.dumps(finished(state="running")))
    (run / "logs" / "metrics.csv").unlink()
    (run / "scores.jsonl").unlink()
    (found,) = find_runs(run)
    assert (found.state, found.problem) == ("running", "")


def test_what_was_repeated_counts_once_and_as_it_was_last(run):
    with (run / "scores.jsonl").open("a") as file:
        file.write('{"images_seen": 2000, "fid_classifier": 11.0}\n')
    (found,) = find_runs(run)
    assert [line["fid_classifier"] for line in found.scores.values()] == [30.0, 11.0, 12.0]


def test_failed_job_with_nothing_but_its_status_tells_its_error(tmp_path):
    for job, told in ((0, finished(state="failed", error="no room")), (1, finished(state="failed"))):
        (tmp_path / f"{job}_seed={job}").mkdir()
        (tmp_path / f"{job}_seed={job}" / "status.json").write_text(json.dumps({**told, "overrides": [f"seed={job}"]}))
    (tmp_path / "1_seed=1" / "error.txt").write_text("dataset.path=x: no such folder\nTraceback ...")
    assert [(run.state, run.problem, run.overrides) for run in find_runs(tmp_path)] == [
        ("failed", "no room", ["seed=0"]),
        ("failed", "dataset.path=x: no such folder", ["seed=1"]),
    ]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_run_that_ends_in_no_number_has_diverged(run, value):
    with (run / "logs" / "metrics.csv").open("a") as file:
        file.write(f"4000,,{value},4000\n")
    (found,) = find_runs(run)
    assert (found.state, found.problem) == ("diverged", f"loss_generator is {value} after 4,000 images")


def test_interrupted_run_tells_what_ended_it(run):
    (run / "status.json").write_text(json.dumps(finished(state="interrupted", error="ended by SIGTERM")))
    (found,) = find_runs(run)
    assert (found.state, found.problem) == ("interrupted", "ended by SIGTERM")


def test_run_that_recovered_has_not_diverged_and_skipped_updates_are_told(run):
    (run / "logs" / "metrics.csv").write_text(
        "step,loss_generator,skipped_steps,images_seen\n1,nan,1,1\n2,0.5,3,2\n",
    )
    (found,) = find_runs(run)
    assert (found.state, found.problem) == ("unknown", "3 updates were skipped because they were not finite")


def test_run_that_ended_because_of_what_was_not_finite_has_diverged(run):
    """The sentence is the one that `SavedState` ends with."""
    assert runs._NOT_FINITE in Path(state.__file__).read_text()
    error = "the generator's update 3 (after 96 images) is not finite: loss is nan"
    (run / "status.json").write_text(json.dumps(finished(state="failed", error=error)))
    (found,) = find_runs(run)
    assert (found.state, found.problem) == ("diverged", error)


def test_no_folder_and_no_runs_are_errors(tmp_path):
    with pytest.raises(SettingError, match="nowhere: there is no such folder"):
        find_runs(tmp_path / "nowhere")
    with pytest.raises(SettingError, match="no run below it; .* config.yaml or status.json or logs/metrics.csv"):
        find_runs(tmp_path)
