"""Lines of scores.jsonl, and what a validation hands to the scores."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gan_lightning.callbacks import Evaluation, write_scores
from gan_lightning.metrics import Scores


class Counting(Scores):
    """How many samples a validation has brought, and how many the model was asked for afterwards."""

    serves = ()

    def __init__(self) -> None:
        self.higher_is_better = {"count": True, "asked_a2b": False, "more": True}
        self.monitor, self.protocol = "count", {"split": "train"}
        self.detail, self.references = {"by_class": {"a": 1}}, {"real": {"count": 9.0}}

    def prepare(self, data: Any) -> bool:
        return True

    def reset(self, device: torch.device) -> None:
        self.samples, self.asked = 0, 0

    def update(self, samples: list[int]) -> None:
        self.samples += len(samples)

    def sample_from(self, model: Any) -> None:
        self.asked = model.offers

    def compute(self) -> dict[str, float]:
        return {"count": self.samples, "asked_a2b": self.asked, "more": 0.5}


def validate(evaluation: Evaluation, batches: list[list[int]], first: bool = True) -> dict[str, Any]:
    """What a validation of these batches makes the model record."""
    recorded: dict[str, Any] = {}
    model: Any = SimpleNamespace(device=torch.device("cpu"), images_seen=1234, offers=3)
    model.record = lambda values, shown: recorded.update(values=values, shown=shown)
    trainer: Any = SimpleNamespace(is_global_zero=first)
    evaluation.on_validation_epoch_start(trainer, model)
    for number, batch in enumerate(batches):
        evaluation.on_validation_batch_end(trainer, model, batch, None, number)
    evaluation.on_validation_epoch_end(trainer, model)
    return recorded


def test_each_validation_counts_its_own_samples_and_leaves_a_line(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    evaluation = Evaluation(Counting(), str(tmp_path))
    for batches, count in (([[1, 2], [3]], 3), ([[4]], 1)):
        recorded = validate(evaluation, batches)
        assert recorded["values"] == {"count": count, "asked_a2b": 3, "more": 0.5}
        assert recorded["shown"] == ["count", "asked_a2b"]  # the bar has room for two
    assert "1,234 images seen: count 1.000, more 0.500" in caplog.text  # without directions
    first, second = map(json.loads, (tmp_path / "scores.jsonl").read_text().splitlines())
    assert (first["count"], second["count"], second["images_seen"]) == (3, 1, 1234)
    assert second["by_class"] == {"a": 1}
    assert second["references"] == {"real": {"count": 9.0}}
    assert second["protocol"] == {"split": "train"}
    assert second["higher_is_better"] == {"count": True, "asked_a2b": False, "more": True}


def test_only_the_first_process_writes(tmp_path):
    assert validate(Evaluation(Counting(), str(tmp_path)), [[1]], first=False)["values"]["count"] == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["", '{"count": 1.0}\n', '{"count": 1.0}\n{"cou', '{"cou'])
def test_half_a_line_of_a_killed_run_is_replaced_and_whole_ones_stay(tmp_path, left):
    (tmp_path / "scores.jsonl").write_text(left)
    write_scores(tmp_path, Counting(), {"count": 2.0}, {})
    lines = [json.loads(line)["count"] for line in (tmp_path / "scores.jsonl").read_text().splitlines()]
    assert lines == [1.0] * left.count("\n") + [2.0]
