"""Keeps the status of a run up to date."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, final

import lightning.pytorch as L
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import nn

from gan_lightning.models import networks_of


@final
class Tally(L.Callback):
    """Writes a run's size into its status at the start, and scores, images and speed after every validation and at the
    end.

    Args:
        update_status: changes some fields of `gan_lightning.runs.status.Status`; called in the first process only.
        best: knows the monitored score and its best value; None without scores.
    """

    def __init__(self, update_status: Callable[[Mapping[str, Any]], None], best: ModelCheckpoint | None) -> None:
        self.update_status, self.best = update_status, best
        self.trained, self.since = 0.0, 0.0
        self.images_before = 0

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.since, self.images_before = time.monotonic(), pl_module.images_seen
        if trainer.is_global_zero:
            counts = {name: _count(network) for name, network in networks_of(pl_module.players).items()}
            size: dict[str, Any] = {"parameters": counts}
            size |= {} if self.best is None else {"monitor": self.best.monitor, "mode": self.best.mode}
            self.update_status(size)

    def on_validation_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.trained += time.monotonic() - self.since
        self.since = 0.0  # no training during a validation

    def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.since = time.monotonic()
        if trainer.is_global_zero:
            self.update_status({**self._images(pl_module), **self._scores(trainer)})

    def on_train_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        if trainer.is_global_zero:
            self._end(pl_module)

    def on_exception(self, trainer: L.Trainer, pl_module: Any, exception: BaseException) -> None:
        if trainer.is_global_zero and (self.since or self.trained):
            self._end(pl_module)

    def _end(self, pl_module: Any) -> None:
        if self.since:
            self.trained += time.monotonic() - self.since
        self.update_status(self._images(pl_module))

    def _images(self, pl_module: Any) -> dict[str, Any]:
        images = pl_module.images_seen - self.images_before
        speed = images / self.trained if images and self.trained else None
        return {"images_seen": pl_module.images_seen, "images_per_second": speed}

    def _scores(self, trainer: L.Trainer) -> dict[str, Any]:
        if self.best is None or self.best.monitor not in trainer.callback_metrics:
            return {}
        last = float(trainer.callback_metrics[self.best.monitor])
        # The checkpoint's own callback comes after this one, and has not seen the last value.
        before = self.best.best_model_score
        known = [value for value in (last, None if before is None else float(before)) if value is not None]
        finite = [value for value in known if math.isfinite(value)]
        pick = min if self.best.mode == "min" else max
        return {"last": last, "best": pick(finite, default=None)}


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
