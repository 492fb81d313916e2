"""Training itself: Lightning's `fit`, and a message with the way back for whatever ends it early."""

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, final

import lightning.pytorch as L

from gan_lightning.console import cli
from gan_lightning.data import READER_LOST, reader_fault, readers_ended
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.models import SteppingModule
from gan_lightning.models.replicas import lost_touch
from gan_lightning.out_of_memory import TRAINING, lowering
from gan_lightning.runs.beginning import Beginning
from gan_lightning.runs.contents import optimizers_misfit
from gan_lightning.runs.resume import way_back


def fit(
    trainer: L.Trainer,
    model: SteppingModule,
    data: Any,
    checkpoint: Path | None,
    run_dir: Path,
    beginning: Beginning,
) -> None:
    """Train a model, from a checkpoint if one is given.

    Args:
        trainer: has all callbacks, `beginning` among them.
        model: to train.
        data: the data module.
        checkpoint: to go on from; None to start with the model as it is.
        run_dir: the run's folder, for messages.
        beginning: knows whether the run has begun, so that there may be a checkpoint to go on from.

    Raises:
        SettingError: a picture cannot be read, or the checkpoint does not fit.
        FaultError: memory or the disk is full, a process died or hangs.
    """

    def with_way_back(reason: object) -> str:
        return f"{reason}; {way_back(run_dir)}" if beginning.begun else str(reason)

    with ExitStack() as stack:
        if checkpoint is not None:
            stack.enter_context(_explain_misfit(checkpoint, trainer, model, run_dir))
        stack.enter_context(_explain_faults(trainer, with_way_back))
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(lowering(TRAINING))
        stack.enter_context(readers_ended())
        cli.quieten()
        trainer.fit(model, data, ckpt_path=checkpoint)


@contextmanager
def _explain_faults(trainer: L.Trainer, with_way_back: Callable[[object], str]) -> Iterator[None]:
    """Turn what ends a training early into a sentence that also says how to go on."""
    try:
        yield
    except SystemExit as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # which Lightning turns into an exit with status 1
            raise KeyboardInterrupt from None
        raise
    except SettingError as error:  # a picture that cannot be read, in the middle of an epoch
        raise SettingError(with_way_back(cli.sentence(error))) from error
    except (RuntimeError, *READER_LOST) as error:
        reader = reader_fault(error)
        if reader is not None:
            raise FaultError(with_way_back(reader)) from error
        if str(error).startswith("Early stopping conditioned on metric"):  # which nothing has logged in this epoch
            raise SettingError(with_way_back(cli.sentence(error))) from error
        fault = error if isinstance(error, FaultError) else lost_touch(error, trainer.strategy)
        if fault is not None:
            raise FaultError(with_way_back(fault)) from error
        raise
    except OSError as error:
        raise FaultError(with_way_back(cli.sentence(error))) from error


@contextmanager
def _explain_misfit(checkpoint: Path, trainer: L.Trainer, model: SteppingModule, run_dir: Path) -> Iterator[None]:
    """Say that the checkpoint does not fit, where an error comes from what Lightning restored of it."""
    restored = _Restored()
    trainer.callbacks.append(restored)  # type: ignore[attr-defined]
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
        # Optimizers and schedules use everything that was restored of them only in their first steps.
        trains = restored.rounds is not None and model.rounds > restored.rounds + 1
        if trains or isinstance(error, SettingError | FaultError):
            raise
        raise SettingError(
            f"resume={run_dir}: {os.path.relpath(checkpoint)} does not fit this run, or was written by another version "
            f"({type(error).__name__}: {' '.join(str(error).split()):.200}); move it elsewhere to go on from an "
            "earlier one"
        ) from error


@final
class _Restored(L.Callback):
    """Checks the optimizers that Lightning restored.

    Attributes:
        rounds: at which training goes on; None before it does.
    """

    def __init__(self) -> None:
        self.rounds: int | None = None

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        wrong = optimizers_misfit(trainer.optimizers)
        if wrong is not None:
            raise ValueError(wrong)
        self.rounds = pl_module.rounds
