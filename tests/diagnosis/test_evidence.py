"""The numbers of a run's folder: which of them count, and the last ones of each kind of score."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from folders import write_run
from recorded_runs import found

from gan_lightning.data import DataSpec, PairedSpec, SequenceSpec, UnpairedSpec
from gan_lightning.diagnosis.evidence import evidence, is_of
from gan_lightning.diagnosis.samples import not_measured
from gan_lightning.runs.found import find_runs

NAN = float("nan")


def test_scores_are_of_the_kind_that_their_name_begins_with() -> None:
    assert is_of("fid", "fid")
    assert is_of("fid_classifier_a2b", "fid")
    assert not is_of("fidelity", "fid")
    numbers = replace(found("healthy"), history={"fid_x": {1: 9.0, 2: 4.0}, "fid": {1: 7.0}, "kid_x": {1: 1.0}})
    assert numbers.last("fid") == {"fid_x": 4.0, "fid": 7.0}
    assert numbers.last("fid_x") == {"fid_x": 4.0}
    assert numbers.last("recall") == {}


@pytest.mark.parametrize(
    ("share", "expected"), [(0.25, [7.0, 8.0]), (0.5, [5.0, 6.0, 7.0, 8.0]), (1.0, list(range(1, 9)))]
)
def test_the_end_of_a_curve_is_its_last_finite_values(share: float, expected: list[float]) -> None:
    curve = {float(i): float(i) for i in range(1, 9)} | {9.0: NAN, 10.0: float("inf")}
    numbers = replace(found("healthy"), curves={"loss": curve})
    assert numbers.end("loss", share) == expected
    assert numbers.end("logit_real", share) == []


def test_what_is_no_number_is_left_out_and_the_better_of_what_was_destroyed_counts(tmp_path: Path) -> None:
    write_run(tmp_path / "run", [], {"spec": {"size": 32}, "loss": {"_target_": "package.Hinge"}}, {1000: 0.5}, {})
    lines = [
        {"images_seen": 500, "fid_x": NAN, "recall_x": 0.25},
        {"images_seen": 1000, "fid_x": 8.0, "recall_x": [0.5], "others": 3},
    ]
    better = {"fid_x": False, "recall_x": True, "never": False}
    references = {"noise": {"fid_x": 90.0, "recall_x": 0.0}, "shuffled": {"fid_x": 60.0, "recall_x": 0.125}}
    references["real"] = {"fid_x": 2.0, "recall_x": NAN}
    more = {"higher_is_better": better, "references": references, "protocol": {"num_modes": 8}}
    text = "".join(json.dumps({**line, **more}) + "\n" for line in lines)
    (tmp_path / "run" / "scores.jsonl").write_text(text)
    (run,) = find_runs(tmp_path / "run")
    numbers = evidence(run)
    assert numbers.history == {"fid_x": {1000: 8.0}, "recall_x": {500: 0.25}}
    assert numbers.real == {"fid_x": 2.0}
    assert numbers.destroyed == {"fid_x": 60.0, "recall_x": 0.125}
    assert (numbers.training_images, numbers.loss, numbers.num_modes, numbers.alike) == (32, "Hinge", 8, None)
    assert numbers.detail["others"] == 3


@pytest.mark.parametrize(
    ("from_noise", "spec"),
    [
        (True, DataSpec(3, 16, 16, 2, ["a", "b"], 9, "x")),
        (False, DataSpec(2, 1, 1, 0, [], 9, "x", kind="points")),
        (False, PairedSpec(1, 3, 16, 16, "a2b", 9, "x")),
        (False, UnpairedSpec(3, 3, 16, 16, 9, 9, "x")),
        (False, SequenceSpec(4, 9, None, ["a"], "", 9, "x", "expressions")),
    ],
)
def test_scores_of_images_from_noise_are_missed_in_no_other_run(tmp_path: Path, from_noise: bool, spec: Any) -> None:
    write_run(tmp_path / "run", [], {"spec": asdict(spec)}, {1000: 0.5}, {})
    numbers = evidence(*find_runs(tmp_path / "run"))
    assert numbers.images_from_noise == from_noise
    missing = ["dropped modes", "copies of training images"] if from_noise else []
    assert not_measured(numbers) == missing


@pytest.mark.parametrize(
    ("compared", "expected"),
    [
        ({"scored": 75, "against": 75}, (1 / 1500 + 1 / 150) / (2 / 75)),  # halves of 150 training images
        ({"scored": 1500, "against": 150}, 1.0),
        ({"scored": 9000, "against": 9000}, 1.0),
        ({"scored": 0, "against": 75}, 1.0),
        ({}, 1.0),
    ],
)
def test_few_held_out_images_are_farther_than_perfect_samples(compared, expected, tmp_path: Path) -> None:
    protocol = {"num_fake": 1500, "num_real": 150}
    write_run(tmp_path / "run", [], {}, {1000: 0.5}, {})
    line = {"images_seen": 1000, "fid_x": 1.0, "protocol": protocol, "reference_images": compared}
    (tmp_path / "run" / "scores.jsonl").write_text(json.dumps(line) + "\n")
    (run,) = find_runs(tmp_path / "run")
    assert evidence(run).perfect == pytest.approx(expected)
