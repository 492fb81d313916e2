"""A model through prepared scores: the remarks beside the numbers, and what ends it early."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from gan_lightning.callbacks import Evaluation
from gan_lightning.errors import FaultError
from gan_lightning.runs import scoring
from gan_lightning.runs.scoring import validated


@dataclass
class Optimisation:
    seed: int = 1


def asked(**changes: Any) -> DictConfig:
    usual = {"seed": None, "run_dir": "RUN", "truncation": None, "standing_statistics": None}
    return OmegaConf.create({**usual, "trainer": {"enable_progress_bar": False}, **changes})


def score(monkeypatch: pytest.MonkeyPatch, config: DictConfig, error: Exception | None = None) -> Any:
    """What a validation of this configuration was given, and what came out."""
    seen: Any = SimpleNamespace(model=SimpleNamespace(optimisation=Optimisation()))
    seen.scores = SimpleNamespace(protocol={"num_fake": 4}, names=["fid", "swd"])

    def build(trainer: DictConfig, callbacks: list[Any], **settings: Any) -> Any:
        seen.callbacks, seen.settings = callbacks, settings

        def validate(*_: Any, **__: Any) -> None:
            if error is not None:
                raise error

        metrics = {"swd": torch.tensor(2.0), "fid": torch.tensor(1.0), "loss": torch.tensor(9.0)}
        return SimpleNamespace(validate=validate, callback_metrics=metrics, strategy=SimpleNamespace())

    monkeypatch.setattr(scoring, "instantiate", build)
    seen.found = validated(config, seen.model, SimpleNamespace(read=dict), seen.scores)
    return seen


def test_scores_come_by_name_and_nothing_else_that_was_logged_does(monkeypatch):
    seen = score(monkeypatch, asked())
    assert list(seen.found.items()) == [("fid", 1.0), ("swd", 2.0)]
    assert seen.settings == {"logger": False, "enable_progress_bar": False}
    assert any(isinstance(callback, Evaluation) for callback in seen.callbacks)


def test_what_samples_were_drawn_with_is_said_with_their_scores(monkeypatch):
    seen = score(monkeypatch, asked(seed=7, truncation=0.5))
    assert seen.scores.protocol == {"num_fake": 4, "truncation": 0.5}
    assert seen.model.optimisation.seed == 7
    plain = score(monkeypatch, asked())
    assert plain.scores.protocol == {"num_fake": 4}
    assert plain.model.optimisation.seed == 1


def test_a_reader_that_died_is_a_sentence_and_other_errors_pass(monkeypatch):
    with pytest.raises(FaultError, match="a process that reads data died"):
        score(monkeypatch, asked(), RuntimeError("DataLoader worker (pid 3) exited unexpectedly"))
    with pytest.raises(FaultError, match="evaluation_batch_size"):
        score(monkeypatch, asked(), torch.OutOfMemoryError("CUDA out of memory."))
    with pytest.raises(RuntimeError, match="^a mistake$"):
        score(monkeypatch, asked(), RuntimeError("a mistake"))
