"""What a folder of a run says to Python and to a notebook."""

import base64
import json
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from folders import composed, finished, write_run
from PIL import Image

from gan_lightning import RunResult
from gan_lightning.errors import SettingError


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Two validations; the first was the best. Losses lie between them."""
    status = finished(best=2.0, last=3.0)
    folder = write_run(tmp_path / "run", [], composed(), {1000: 2.0, 2000: 3.0}, {500: 0.7, 1500: 0.5}, status=status)
    lines = [json.loads(line) for line in (folder / "scores.jsonl").read_text().splitlines()]
    facts = {"higher_is_better": {"fid_classifier": False, "gone": True}}
    (folder / "scores.jsonl").write_text("".join(json.dumps({**line, **facts}) + "\n" for line in lines))
    return folder


def test_scores_are_the_last_and_the_best_is_that_of_the_status(run):
    result = RunResult(run)
    assert (result.state, result.problem, result.folder) == ("finished", "", run)
    assert (result.scores, result.monitor, result.best) == ({"fid_classifier": 3.0}, "fid_classifier", 2.0)
    assert repr(result) == f"RunResult(finished, best fid_classifier 2.000, {run})"
    assert result.config["loss"]["_target_"].endswith("Hinge")


def test_history_has_a_row_for_each_number_of_images_and_gaps_where_nothing_was_logged(run):
    expected = pd.DataFrame(
        {"fid_classifier": [None, 2.0, None, 3.0], "loss_generator": [0.7, None, 0.5, None]},
        index=pd.Index([500.0, 1000.0, 1500.0, 2000.0], name="images_seen"),
        dtype=float,
    )
    pd.testing.assert_frame_equal(RunResult(run).history, expected)


def test_the_newest_checkpoint_serves_where_there_is_no_best_one(run):
    with pytest.raises(SettingError, match="run: has no checkpoint"):
        _ = RunResult(run).checkpoint
    (run / "checkpoints").mkdir()
    for name in ("last.ckpt", "best.ckpt"):
        (run / "checkpoints" / name).touch()
        assert RunResult(run).checkpoint.name == name


def test_a_notebook_shows_scores_as_text_and_the_newest_samples(run, tmp_path):
    result = RunResult(run)
    page = result._repr_html_()
    assert "<td>fid_classifier</td><td>3</td>" in page
    content = base64.b64decode(page.partition("base64,")[2].partition('"')[0])
    newest = run / "samples" / "000002000.png"
    with Image.open(BytesIO(content)) as shown, Image.open(newest) as grid:
        assert shown.tobytes() == grid.tobytes()
    odd = run.rename(tmp_path / "<b>run")
    assert "<b>" not in RunResult(odd)._repr_html_()


def test_a_run_that_has_just_begun_has_none_of_these(tmp_path):
    (tmp_path / "config.yaml").write_text("seed: 1\n")
    result = RunResult(tmp_path)
    assert (result.scores, result.samples, result.best, result.diagnosis) == ({}, None, None, "")
    assert result.history.empty
    assert "<table>" not in result._repr_html_()


def test_a_diagnosis_is_read_and_a_report_lies_in_the_folder(run):
    (run / "diagnosis.md").write_text("# Well done\n")
    result = RunResult(run)
    assert result.diagnosis == "# Well done\n"
    assert result.report() == run / "report.html"
    assert (run / "report.html").is_file()


def test_a_folder_of_two_runs_is_refused(run, tmp_path):
    write_run(tmp_path / "other", [], composed(), {1: 1.0}, {1: 1.0})
    with pytest.raises(SettingError, match="holds 2 runs; name the folder of one"):
        RunResult(tmp_path)
