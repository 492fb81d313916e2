"""What ends a training early, as a sentence with the way back."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.runs import fitting
from gan_lightning.runs.beginning import Beginning
from gan_lightning.runs.fitting import fit


class Ends:
    """A trainer whose training ends with an error, after callbacks have seen that it began."""

    def __init__(self, error: BaseException | None, trains: bool = True, rounds: int = 7) -> None:
        self.error, self.trains, self.rounds = error, trains, rounds
        self.callbacks: list[Any] = []
        self.optimizers: list[Any] = []
        self.strategy = SimpleNamespace()

    def fit(self, model: Any, data: Any, ckpt_path: Any) -> None:
        model.rounds = 5
        for callback in self.callbacks if self.trains else ():
            callback.on_train_start(self, model)
        model.rounds = self.rounds
        if self.error is not None:
            raise self.error


def ended(monkeypatch: pytest.MonkeyPatch, trainer: Any, checkpoint: Any = None, begun: bool = True) -> None:
    monkeypatch.setattr(fitting, "way_back", lambda run_dir: f"the way back from {run_dir}")
    beginning = Beginning(lambda: None, lambda: None)
    beginning.begun = begun
    model: Any = SimpleNamespace(rounds=0)
    data: Any = None
    fit(trainer, model, data, checkpoint, "RUN", beginning)


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (SettingError("a.png: cannot be read"), SettingError, "a.png: cannot be read"),
        (OSError(28, "No space left on device"), FaultError, "No space left on device"),
        (
            RuntimeError("DataLoader worker (pid 3) is killed by signal: Killed"),
            FaultError,
            "a process that reads data",
        ),
        (ConnectionResetError("reset"), FaultError, "a process that reads data died"),
        (RuntimeError("Early stopping conditioned on metric `fid`"), SettingError, "Early stopping conditioned"),
        (FaultError("not finite"), FaultError, "not finite"),
        (torch.OutOfMemoryError("CUDA out of memory."), FaultError, "dataset.batch_size"),
    ],
)
def test_what_users_can_change_is_a_sentence_with_the_way_back(monkeypatch, error, kind, sentence):
    with pytest.raises(kind, match=sentence) as raised:
        ended(monkeypatch, Ends(error))
    assert str(raised.value).endswith("; the way back from RUN")
    with pytest.raises(kind, match=sentence) as raised:
        ended(monkeypatch, Ends(error), begun=False)
    assert "way back" not in str(raised.value)  # there is nothing to go on from


@pytest.mark.parametrize("error", [RuntimeError("a mistake in a loss"), KeyError("x"), SystemExit(143)])
def test_other_errors_pass_as_they_are(monkeypatch, error):
    with pytest.raises(type(error)) as raised:
        ended(monkeypatch, Ends(error))
    assert raised.value is error


def test_the_exit_that_lightning_makes_of_ctrl_c_is_ctrl_c_again(monkeypatch):
    error = SystemExit(1)
    error.__context__ = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        ended(monkeypatch, Ends(error))


@pytest.mark.parametrize(("trains", "rounds", "blamed"), [(False, 5, True), (True, 6, True), (True, 7, False)])
def test_an_error_of_what_was_restored_blames_the_checkpoint_until_training_goes_on(
    monkeypatch, tmp_path, trains, rounds, blamed
):
    """Optimizers use what was restored in their first steps only."""
    trainer = Ends(KeyError("exp_avg"), trains, rounds)
    with pytest.raises(SettingError if blamed else KeyError, match="exp_avg") as raised:
        ended(monkeypatch, trainer, tmp_path / "last.ckpt")
    assert ("last.ckpt does not fit this run, or was written by another version" in str(raised.value)) == blamed


def test_moments_of_another_shape_are_a_checkpoint_that_does_not_fit(monkeypatch, tmp_path):
    trainer = Ends(None)
    monkeypatch.setattr(fitting, "optimizers_misfit", lambda optimizers: "an optimizer has exp_avg of shape (1,)")
    ended(monkeypatch, trainer)
    with pytest.raises(SettingError, match=r"resume=RUN: .*last.ckpt does not fit .*exp_avg of shape \(1,\)"):
        ended(monkeypatch, trainer, tmp_path / "last.ckpt")
