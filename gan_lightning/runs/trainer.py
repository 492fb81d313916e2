"""Lightning's trainer, and the callbacks that every run has."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, final

import lightning.pytorch as L
from hydra.utils import instantiate
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.profilers import PassThroughProfiler
from omegaconf import DictConfig

from gan_lightning.callbacks import Budget, Newest, OnGPU, Provenance, SlowData, Tally
from gan_lightning.metrics import Scores
from gan_lightning.runs.beginning import Beginning
from gan_lightning.runs.checkpoint import AtomicCheckpoints
from gan_lightning.runs.status import update

EVERY_BATCH = (
    "on_train_batch_start",
    "on_before_backward",
    "on_after_backward",
    "on_before_optimizer_step",
    "on_train_batch_end",
)
"""The hooks of callbacks that Lightning calls once or more in each training batch."""


def callbacks_of_every_run(
    config: dict[str, Any], scores: Scores, beginning: Beginning, best: ModelCheckpoint | None, is_new: bool
) -> list[L.Callback]:
    """What records a run, ends it in time, and warns of data that are slow.

    Args:
        config: plain data, as checkpoints keep it.
        scores: of every validation.
        beginning: knows whether the run has begun.
        best: keeps the best checkpoint; None without scores.
        is_new: whether the run is not resumed.
    """

    def update_status(changes: Mapping[str, Any]) -> None:
        if beginning.begun or is_new:  # the status of an earlier run stays until this one begins
            update(Path(config["run_dir"]), changes)

    return [
        Provenance(config, scores.protocol, scores.names),
        Budget(),
        SlowData(),
        Tally(update_status, best),
        OnGPU(config["capture"]),
    ]


def build_trainer(
    trainer: DictConfig, callbacks: Sequence[L.Callback], loggers: Sequence[Any], best: ModelCheckpoint | None
) -> L.Trainer:
    """The trainer that a configuration describes, which writes every checkpoint as a whole.

    It spends less time between batches than Lightning's own, on what has no effect.

    `Newest` comes after all other callbacks, so that what it saves holds what they remember of the same validation.
    """
    ordered = sorted(callbacks, key=lambda callback: isinstance(callback, Newest))
    if best is not None:
        for logger in loggers:
            logger.after_save_checkpoint(best)  # a resumed run may find no better one, and uploads that
    built: L.Trainer = instantiate(
        trainer, callbacks=ordered, logger=list(loggers), plugins=[AtomicCheckpoints()], _convert_="all"
    )
    if isinstance(built.profiler, PassThroughProfiler):  # type: ignore[attr-defined]
        built.profiler = Unmeasured()  # type: ignore[attr-defined]
    pass_over_empty_hooks(built.callbacks)  # type: ignore[attr-defined]
    return built


@final
class Unmeasured(PassThroughProfiler):
    """Measures nothing, in less time than Lightning's profiler that measures nothing.

    Lightning asks it more than a hundred times in each batch of a GAN: once for every hook of every callback.
    """

    def profile(self, action_name: str) -> AbstractContextManager[Any]:  # type: ignore[override]
        return _NOTHING


_NOTHING = nullcontext()


def pass_over_empty_hooks(callbacks: Sequence[L.Callback]) -> None:
    """Let Lightning pass over those hooks of every batch that a callback does not have.

    It would call the empty ones of `lightning.pytorch.Callback` too, and for a small network, that takes longer than a
    layer. It leaves out what is None.
    """
    for callback in callbacks:
        for hook in EVERY_BATCH:
            if getattr(getattr(callback, hook), "__func__", None) is getattr(L.Callback, hook):
                setattr(callback, hook, None)
