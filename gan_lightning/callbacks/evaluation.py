"""Scores of every validation, with their protocol."""

import json
import logging
import os
from pathlib import Path
from typing import Any, final

import lightning.pytorch as L

from gan_lightning.batch import without_route
from gan_lightning.metrics import Scores

log = logging.getLogger(__name__)


@final
class Evaluation(L.Callback):
    """Scores what `validation_step` returns, on every process, and reports it.

    Values go to the progress bar, the checkpoint callback and all loggers; `scores.jsonl` in the run
    folder gets a line per validation that also holds the protocol.

    Args:
        scores: prepared scores.
        run_dir: folder of the run.
    """

    def __init__(self, scores: Scores, run_dir: str) -> None:
        self.scores = scores
        self.path = Path(run_dir) / "scores.jsonl"

    def on_validation_epoch_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.scores.reset(pl_module.device)

    def on_validation_batch_end(
        self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        self.scores.update(outputs)

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        values = self.scores.compute()
        # The bar has room for the first few; the first is FID where there is one.
        pl_module.record(values, shown=self.scores.names[:2])
        if trainer.is_global_zero:
            text = ", ".join(f"{name} {value:.3f}" for name, value in values.items() if name == without_route(name))
            log.info("%s images seen: %s", f"{pl_module.images_seen:>11,}", text)
            line = {
                "images_seen": pl_module.images_seen,
                **values,
                **self.scores.detail,
                "higher_is_better": dict(self.scores.higher_is_better),
                "references": {name: dict(found) for name, found in self.scores.references.items()},
                "protocol": self.scores.protocol,
            }
            written = self.path.read_bytes() if self.path.exists() else b""
            with self.path.open("r+b" if written else "wb") as file:
                file.truncate(written.rfind(b"\n") + 1)  # of a run that was killed while writing, half a line is left
                file.seek(0, os.SEEK_END)
                file.write(json.dumps(line).encode() + b"\n")
