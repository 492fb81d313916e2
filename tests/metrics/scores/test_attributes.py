"""Attributes of translated faces: those that should change, and those that should stay."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from translation_scoring import both_ways, prepared, scored

from gan_lightning.batch import Translation
from gan_lightning.callbacks import Evaluation
from gan_lightning.data import AvatarAttribute, UnpairedData
from gan_lightning.metrics import ClassifierExtractor, TranslationScores


@pytest.fixture(scope="module")
def avatars(cache_dir: Path) -> tuple[TranslationScores, UnpairedData]:
    """Faces with dark and with red hair, and a classifier that knows them."""
    source = AvatarAttribute(
        *(str(cache_dir), "pixel-art", "hair_color", "#28150a", "#bd1700"), num_train=200, num_test=66
    )
    data = both_ways(source, resolution=32)
    return prepared(cache_dir, data, ClassifierExtractor(str(cache_dir), images=15000, seed=0)), data


def translated(data: UnpairedData, chosen: str) -> dict[str, Translation]:
    """Every held-out face, translated to its `target`, or to its `source`: not at all."""
    return {
        held.route.name: Translation(*held[:3], getattr(held, chosen), held.target, held.source)
        for held in data.examples(10_000)
    }


def test_true_targets_change_what_they_should_and_keep_the_rest(avatars):
    scores, data = avatars
    values = scored(scores, translated(data, "target"))
    tables = scores.detail
    assert set(tables) == {"a2b", "b2a", "swd_by_level"}
    for direction in ("a2b", "b2a"):
        table = tables[direction]
        assert set(table) == set(data.sides("test").a.attributes)
        assert all(shares["output"] == shares["target"] for shares in table.values())
        assert values[f"changed_{direction}"] == table["hair_color"]["target"] > 0.95
        others = [shares["target"] for name, shares in table.items() if name != "hair_color"]
        assert values[f"kept_{direction}"] == pytest.approx(np.mean(others))
        assert values[f"gap_{direction}"] == 0
    assert values["l1"] == pytest.approx(0, abs=1e-6)


def test_sources_as_outputs_change_nothing(avatars):
    scores, data = avatars
    true, copied = (scored(scores, translated(data, chosen)) for chosen in ("target", "source"))
    assert copied["changed"] < 0.05
    assert copied["kept"] == pytest.approx(true["kept"], abs=0.05)
    assert copied["gap"] == pytest.approx(true["changed"] - copied["changed"], abs=0.05)
    assert copied["l1"] == pytest.approx(copied["copy_l1"])
    assert copied["fid_classifier"] > 2 * true["fid_classifier"]


def test_attributes_are_those_of_the_picture_with_the_number(avatars):
    scores, data = avatars
    samples = translated(data, "target")
    right = scored(scores, samples)["kept"]
    moved = {name: sample._replace(number=sample.number.roll(1)) for name, sample in samples.items()}
    assert scored(scores, moved)["kept"] < right - 0.2
    backwards = {
        name: Translation(sample.route, *(None if column is None else column.flip(0) for column in sample[1:]))
        for name, sample in samples.items()
    }
    assert scored(scores, backwards)["kept"] == pytest.approx(right)


def test_a_line_of_the_run_folder_holds_scores_table_and_protocol(avatars, tmp_path):
    scores, data = avatars
    recorded: dict[str, Any] = {}
    model: Any = SimpleNamespace(
        device=torch.device("cpu"), images_seen=7, record=lambda values, shown: recorded.update(values)
    )
    trainer: Any = SimpleNamespace(is_global_zero=True)
    evaluation = Evaluation(scores, str(tmp_path))
    for _ in range(2):
        evaluation.on_validation_epoch_start(trainer, model)
        for sample in translated(data, "source").values():
            evaluation.on_validation_batch_end(trainer, model, sample, None, 0)
        evaluation.on_validation_epoch_end(trainer, model)
    first, second = (json.loads(line) for line in (tmp_path / "scores.jsonl").read_text().splitlines())
    assert first == second
    assert first["images_seen"] == 7
    assert {name: first[name] for name in scores.names} == recorded
    assert first["a2b"]["hair_color"]["output"] == first["changed_a2b"]
    assert first["protocol"]["extractor"] == "classifier"
