"""Scores of every validation, with their protocol."""

import json
import logging
import os
from collections.abc import Mapping
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
        self.run_dir = Path(run_dir)

    def on_validation_epoch_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.scores.reset(pl_module.device)

    def on_validation_batch_end(
        self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        self.scores.update(outputs)

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.scores.sample_from(pl_module)
        values = self.scores.compute()
        # The bar has room for the first few; the first is FID where there is one.
        pl_module.record(values, shown=self.scores.names[:2])
        if trainer.is_global_zero:
            text = ", ".join(f"{name} {value:.3f}" for name, value in values.items() if name == without_route(name))
            log.info("%s images seen: %s", f"{pl_module.images_seen:>11,}", text)
            write_scores(self.run_dir, self.scores, values, {"images_seen": pl_module.images_seen})


def write_scores(run_dir: Path, scores: Scores, values: Mapping[str, float], facts: Mapping[str, Any]) -> None:
    """Add a line to `scores.jsonl`: the values with everything that has to be said with them.

    Args:
        run_dir: folder of the file.
        scores: whose values these are.
        values: by name.
        facts: what else the line says.
    """
    line = {
        **facts,
        **values,
        **scores.detail,
        "higher_is_better": dict(scores.higher_is_better),
        "references": {name: dict(found) for name, found in scores.references.items()},
        "protocol": scores.protocol,
    }
    path = run_dir / "scores.jsonl"
    written = path.read_bytes() if path.exists() else b""
    with path.open("r+b" if written else "wb") as file:
        file.truncate(written.rfind(b"\n") + 1)  # of a run that was killed while writing, half a line is left
        file.seek(0, os.SEEK_END)
        file.write(json.dumps(line).encode() + b"\n")
