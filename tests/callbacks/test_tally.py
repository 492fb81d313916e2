"""The status of a run while it trains: its size, its scores, and the speed of training alone."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from gan_lightning.callbacks import tally
from gan_lightning.callbacks.tally import Tally


class Watched:
    """A run whose clock and images the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, mode: str | None = "min", first: bool = True) -> None:
        self.now, self.told = 0.0, {}
        monkeypatch.setattr(tally.time, "monotonic", lambda: self.now)
        players = {"generator": nn.Linear(3, 4), "discriminator": nn.Linear(2, 1, bias=False)}
        self.model: Any = SimpleNamespace(
            images_seen=0, players={name: SimpleNamespace(network=network) for name, network in players.items()}
        )
        self.trainer: Any = SimpleNamespace(is_global_zero=first, callback_metrics={})
        self.best: Any = None if mode is None else SimpleNamespace(monitor="fid", mode=mode, best_model_score=None)
        self.tally = Tally(self.told.update, self.best)

    def at(self, now: float, images: int, event: str, *more: Any) -> dict[str, Any]:
        """All that the status holds after something happened."""
        self.now, self.model.images_seen = now, images
        getattr(self.tally, event)(self.trainer, self.model, *more)
        return self.told


def test_the_start_tells_the_size_of_each_player(monkeypatch):
    told = Watched(monkeypatch).at(100.0, 50, "on_train_start")
    assert told == {"parameters": {"generator": 3 * 4 + 4, "discriminator": 2}, "monitor": "fid", "mode": "min"}
    assert Watched(monkeypatch, mode=None).at(0.0, 0, "on_train_start").keys() == {"parameters"}


def test_a_network_that_two_players_train_counts_once(monkeypatch):
    run = Watched(monkeypatch)
    run.model.players["likelihood"] = SimpleNamespace(network=run.model.players["generator"].network)
    assert run.at(100.0, 50, "on_train_start")["parameters"].keys() == {"generator", "discriminator"}


def test_the_speed_is_that_of_this_attempt_without_its_validations(monkeypatch):
    run = Watched(monkeypatch)
    run.at(100.0, 50, "on_train_start")
    run.at(110.0, 250, "on_validation_start")
    assert run.at(200.0, 250, "on_validation_end")["images_per_second"] == 20  # 200 images in ten seconds
    run.at(230.0, 1650, "on_validation_start")
    assert run.at(999.0, 1650, "on_validation_end")["images_per_second"] == 40  # 1600 in forty
    told = run.at(1009.0, 1650, "on_train_end")
    assert (told["images_seen"], told["images_per_second"]) == (1650, 32)  # in fifty


def test_a_run_without_steps_has_no_speed(monkeypatch):
    run = Watched(monkeypatch)
    run.at(100.0, 50, "on_train_start")
    assert run.at(110.0, 50, "on_train_end")["images_per_second"] is None


@pytest.mark.parametrize(("mode", "best"), [("min", [4.0, 3.0, 3.0]), ("max", [4.0, 4.0, 9.0])])
def test_the_best_value_counts_the_one_that_the_checkpoint_has_not_seen_yet(monkeypatch, mode, best):
    run = Watched(monkeypatch, mode)
    run.at(0.0, 0, "on_train_start")
    pick = min if mode == "min" else max
    for value, expected in zip((4.0, 3.0, 9.0), best, strict=True):
        run.trainer.callback_metrics = {"fid": torch.tensor(value), "other": torch.tensor(1.0)}
        told = run.at(1.0, 1, "on_validation_end")
        assert (told["last"], told["best"]) == (value, expected)
        before = run.best.best_model_score
        run.best.best_model_score = torch.tensor(value if before is None else pick(value, float(before)))


def test_a_value_that_is_not_finite_is_not_the_best(monkeypatch):
    run = Watched(monkeypatch)
    run.trainer.callback_metrics = {"fid": torch.tensor(float("nan"))}
    assert run.at(1.0, 1, "on_validation_end")["best"] is None
    run.best.best_model_score = torch.tensor(5.0)
    assert run.at(1.0, 1, "on_validation_end")["best"] == 5


def test_an_error_before_training_leaves_no_numbers_and_one_in_training_does(monkeypatch):
    run = Watched(monkeypatch)
    assert run.at(5.0, 0, "on_exception", RuntimeError()) == {}
    run.at(5.0, 0, "on_train_start")
    assert run.at(9.0, 80, "on_exception", RuntimeError())["images_per_second"] == 20


def test_an_error_in_a_validation_does_not_count_its_time(monkeypatch):
    run = Watched(monkeypatch)
    run.at(100.0, 0, "on_train_start")
    run.at(110.0, 200, "on_validation_start")
    assert run.at(500.0, 200, "on_exception", RuntimeError())["images_per_second"] == 20


def test_other_processes_tell_nothing(monkeypatch):
    run = Watched(monkeypatch, first=False)
    for event, more in (("on_train_start", []), ("on_validation_start", []), ("on_validation_end", [])):
        run.at(1.0, 1, event, *more)
    assert run.at(2.0, 2, "on_train_end") == {}
