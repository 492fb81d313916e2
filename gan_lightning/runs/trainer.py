"""Lightning's trainer, and the callbacks that every run has."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightning.pytorch as L
from hydra.utils import instantiate
from lightning.pytorch.callbacks import ModelCheckpoint
from omegaconf import DictConfig

from gan_lightning.callbacks import Budget, OnGPU, Provenance, SlowData, Tally
from gan_lightning.metrics import Scores
from gan_lightning.runs.beginning import Beginning
from gan_lightning.runs.checkpoint import AtomicCheckpoints
from gan_lightning.runs.status import update


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
    """The trainer that a configuration describes, which writes every checkpoint as a whole."""
    if best is not None:
        for logger in loggers:
            logger.after_save_checkpoint(best)  # a resumed run may find no better one, and uploads that
    built: L.Trainer = instantiate(
        trainer, callbacks=list(callbacks), logger=list(loggers), plugins=[AtomicCheckpoints()], _convert_="all"
    )
    return built
