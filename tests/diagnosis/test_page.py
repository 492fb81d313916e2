"""The page of a diagnosis, also of a run whose files are damaged."""

import shutil

from folders import write_run
from PIL import Image
from recorded_runs import RECORDED

from gan_lightning.diagnosis import diagnosed, write_diagnosis
from gan_lightning.report.page import contents
from gan_lightning.runs.found import find_runs


def test_the_page_has_numbers_advice_sources_and_pictures(tmp_path):
    run = tmp_path / "run"
    shutil.copytree(RECORDED / "collapsed", run)
    Image.new("RGB", (4, 4)).save(run / "curves.png")
    write_diagnosis(run)
    page = (run / "diagnosis.md").read_text()
    assert page.startswith("# Diagnosis: samples no better than noise, mode collapse\n")
    assert "30% of the pairs of the 64 samples" in page
    assert "- `minibatch=standard_deviation`" in page
    assert "arXiv:1706.08224" in page
    assert "swd 307.1" in page
    assert "no numbers for: dropped modes, copies of training images. `metrics=full`" in page
    assert "![curves.png](curves.png)" in page
    assert "![samples/000016000.png](samples/000016000.png)" in page
    write_diagnosis(run)  # an earlier page is replaced
    (told,) = contents(find_runs(run), "x")["runs"]
    assert [finding["name"] for finding in told["diagnosis"]] == ["samples no better than noise", "mode collapse"]
    assert told["diagnosis"][1]["by"]


def test_a_healthy_run_has_a_page_too(tmp_path):
    shutil.copytree(RECORDED / "healthy", tmp_path / "run")
    assert write_diagnosis(tmp_path / "run") == []
    assert (tmp_path / "run" / "diagnosis.md").read_text().startswith("# Diagnosis: nothing conspicuous\n")


def test_damaged_and_missing_files_say_nothing(tmp_path):
    shutil.copytree(RECORDED / "collapsed", tmp_path / "run")
    (run,) = find_runs(tmp_path)
    (tmp_path / "run" / "samples" / "000016000.png").write_bytes(b"no picture")
    assert [finding.name for finding in diagnosed(run)] == ["samples no better than noise"]
    (tmp_path / "run" / "logs" / "metrics.csv").unlink()
    (tmp_path / "run" / "scores.jsonl").write_text('{"images_seen": 1, "higher_is_better": 3, "references": [2]}\n')
    (tmp_path / "run" / "config.yaml").write_text("callbacks: [1]\nspec: 7\nloss: null\n")
    assert diagnosed(find_runs(tmp_path)[0]) == []
    write_diagnosis(tmp_path / "run")  # and praise nothing either
    assert (tmp_path / "run" / "diagnosis.md").read_text().startswith("# Diagnosis: nothing was measured\n")
    write_run(tmp_path / "other", [], {"spec": {"size": "many"}}, {1000: float("nan")}, {500: float("inf")})
    assert [finding.name for finding in diagnosed(find_runs(tmp_path / "other")[0])] == ["the run diverged"]
