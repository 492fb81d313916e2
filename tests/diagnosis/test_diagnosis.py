"""What is said of recorded runs that collapsed, oscillated or were healthy, and of numbers made up for a rule."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from folders import write_run
from PIL import Image

from gan_lightning import data
from gan_lightning.diagnosis import alike as grids
from gan_lightning.diagnosis import diagnosed, samples, training, write_diagnosis
from gan_lightning.diagnosis.evidence import Evidence, evidence
from gan_lightning.diagnosis.page import RULES
from gan_lightning.report.page import contents
from gan_lightning.runs.found import find_runs

RECORDED = Path(__file__).parent / "recorded"
EXPECTED = {
    "collapsed": ["samples no better than noise", "mode collapse"],
    "healthy": [],
    "memorised": ["mode collapse", "copies of training images"],  # ended by Ctrl-C
    "oscillating": ["dropped modes", "training oscillates"],
    "toy_dropped": ["dropped modes"],
    "toy_healthy": ["the run still improves"],
    "won": ["samples no better than noise", "the discriminator has won"],
}


def found(name: str) -> Evidence:
    (run,) = find_runs(RECORDED / name)
    return evidence(run)


def names(numbers: Evidence) -> list[str]:
    return [finding.name for rule in RULES if (finding := rule(numbers)) is not None]


def test_recorded_runs_are_told_apart():
    assert {path.name for path in RECORDED.iterdir()} == set(EXPECTED)
    for name, expected in EXPECTED.items():
        assert names(found(name)) == expected, name


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


@pytest.mark.parametrize(
    ("scores", "real", "expected"),
    [
        ({"recall_x": 0.4, "coverage_x": 0.8}, {"recall_x": 0.6, "coverage_x": 0.9}, []),
        ({"recall_x": 0.2}, {"recall_x": 0.6}, ["dropped modes"]),
        ({"coverage_x": 0.05}, {"coverage_x": 0.9}, ["mode collapse"]),
        ({"copied_x": 0.05, "nn_ratio_x": 0.9, "ct_x": 1.0, "authenticity_x": 70}, {"authenticity_x": 75}, []),
        ({"copied_x": 0.5}, {}, ["copies of training images"]),
        ({"nn_ratio_x": 0.3}, {}, ["copies of training images"]),
        ({"ct_x": -9.0}, {}, ["copies of training images"]),
        ({"authenticity_x": 20}, {"authenticity_x": 75}, ["copies of training images"]),
        ({"fid_x": 1.0}, {"fid_x": 4.0}, ["copies of training images"]),
        ({"swd": 30.0}, {"swd": 26.0}, []),
        ({"swd": 500.0, "recall_x": 0.0}, {"swd": 26.0, "recall_x": 0.6}, ["samples no better than noise"]),
    ],
)
def test_scores_beside_those_of_real_images(scores, real, expected):
    history = {name: {1000: value} for name, value in scores.items()}
    numbers = replace(found("healthy"), history=history, real=real, curves={}, training_images=32)
    assert names(numbers) == expected


def test_dropped_classes_are_named():
    history, real = {"classes_reached_x": {1000: 8.0}}, {"classes_reached_x": 10.0}
    detail = {"classes_reached_dropped": ["cats", "dogs"]}
    numbers = replace(found("healthy"), history=history, real=real, curves={}, detail=detail)
    (finding,) = filter(None, (rule(numbers) for rule in RULES))
    assert finding.numbers == "Samples show 8 classes, and real images 10; missing are cats, dogs."
    few = replace(numbers, history={"classes_reached_x": {1000: 2.0}})
    assert names(few) == ["mode collapse"]


def test_a_run_that_became_worse_is_told_its_best_moment():
    numbers = replace(found("healthy"), history={"fid_x": {1000: 9.0, 2000: 4.0, 3000: 5.0, 4000: 8.0}}, curves={})
    (finding,) = filter(None, (rule(numbers) for rule in RULES))
    assert finding.numbers == "`fid_x` was 4.000 after 2,000 images and is 8.000 at the end."


@pytest.mark.parametrize(("kinds", "share"), [(1, 1.0), (4, 0.25), (64, 0.0)])
def test_alike_pairs_are_counted_in_grids_as_they_are_drawn(tmp_path, kinds, share):
    random = np.random.default_rng(0)
    different, real = (random.uniform(-1, 1, (n, 1, 16, 16)).astype(np.float32) for n in (kinds, 8))
    order = random.permutation(np.arange(64) % kinds)
    picture = data.grid(torch.from_numpy(np.concatenate([different[order], real])), 8)
    data.save_png(picture, tmp_path / "grid.png")
    seen = grids.alike(tmp_path, Path("grid.png"), 8)
    assert seen is not None
    assert seen.images == 64
    assert seen.share == pytest.approx(share, abs=0.1)
    assert grids.alike(tmp_path, Path("grid.png"), 7) is None
    assert grids.PADDING == data.PADDING


def test_every_setting_that_is_advised_exists(composed):
    rules = "".join((Path(samples.__file__).read_text(), Path(training.__file__).read_text()))
    commands = [words for words in re.findall(r"`([^`]+)`", rules) if re.match(r"'?[\w.]+=", words)]
    assert len(commands) >= 15
    settings = {word.strip("'") for words in commands for word in words.split() if not word.startswith("resume=")}
    while settings:  # as many at once as have different names
        together = {word.partition("=")[0]: word for word in sorted(settings)}
        assert composed(*together.values())
        settings -= set(together.values())
