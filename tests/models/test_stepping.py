"""A module of one player, and of three, steps as it says."""

from typing import Any

import lightning.pytorch as L
import pytest
from quadratic import RATE, Quadratic, data, trainer, weight

from gan_lightning.models import Constant, LinearDecay, Training


@pytest.mark.parametrize("names", [["alone"], ["encoder", "decoder", "critic"]])
@pytest.mark.parametrize("accumulate", [1, 2])
def test_every_player_steps_alone_and_by_its_own_optimizer(tmp_path, names, accumulate):
    module = Quadratic(names, Training(schedule=Constant(), ema_decay=0.5, accumulate=accumulate))
    trainer(tmp_path, max_epochs=1).fit(module, data(4))
    steps = 4 // accumulate
    assert [player.steps for player in module.players.values()] == [steps] * len(names)
    assert module.rounds == steps
    assert module.learning == [name for name in names for _ in range(accumulate)] * steps
    average = 1 - RATE
    for step in range(2, steps + 1):
        average = 0.5 * average + 0.5 * (1 - RATE) ** step
    for name in names:
        assert weight(module, name) == pytest.approx((1 - RATE) ** steps)
        followed: Any = module.players[name].average
        assert followed.module.weight.item() == pytest.approx(average)


def test_rates_fall_and_the_budget_ends_with_the_first_players_updates(tmp_path):
    module = Quadratic(["first", "second"], Training(schedule=LinearDecay(), max_generator_steps=4))
    fitting = trainer(tmp_path, max_epochs=-1)
    fitting.fit(module, data(3))
    assert module.players["first"].steps == module.players["second"].steps == 4
    expected = 1.0
    for step in range(4):
        expected *= 1 - RATE * (1 - step / 4)
    assert weight(module, "first") == pytest.approx(expected)


class Validated(Quadratic):
    """Has a validation."""

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Nothing is measured."""


class StopsAfter(L.Callback):
    """Asks for the end after so many batches, as Lightning's timer does when the time is over."""

    def __init__(self, batches: int) -> None:
        self.batches = batches
        self.validated: list[int] = []

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, *_: Any) -> None:
        trainer.should_stop = pl_module.rounds == self.batches

    def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.validated.append(pl_module.rounds)


@pytest.mark.parametrize("batches", [2, 3])
def test_a_run_that_a_callback_ends_is_validated_whatever_the_interval(tmp_path, batches):
    module, ends = Validated(["alone"], Training(schedule=Constant())), StopsAfter(batches)
    often = {"check_val_every_n_epoch": 10, "num_sanity_val_steps": 0}
    trainer(tmp_path, max_epochs=100, callbacks=[ends], **often).fit(module, data(3), data(1))
    assert module.rounds == batches
    assert ends.validated == [batches]
