"""A line in the log where training waits long for its data."""

import logging
import threading
import time
from typing import Any, final

import lightning.pytorch as L

log = logging.getLogger(__name__)


@final
class SlowData(L.Callback):
    """Warns once if no training batch comes for some time: a file, or the disk that it lies on, does not answer.

    The run goes on waiting, because a disk of the network may come back. Processes that wait for this one have a time
    limit of their own (`trainer.strategy.timeout`), and so have those that read data (`dataset.num_workers`).

    Args:
        limit: seconds without a batch before the warning.
    """

    def __init__(self, limit: float = 60.0) -> None:
        self.limit = limit
        self.waits_since: float | None = None
        self.has_ended = threading.Event()

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.waits_since = time.monotonic()
        self.has_ended.clear()
        threading.Thread(target=self._watch, daemon=True).start()

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        self.waits_since = None

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        self.waits_since = time.monotonic()

    def on_validation_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.waits_since = None

    def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.waits_since = time.monotonic()

    def on_train_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.has_ended.set()

    def on_exception(self, trainer: L.Trainer, pl_module: Any, exception: BaseException) -> None:
        self.has_ended.set()

    def _watch(self) -> None:
        while not self.has_ended.wait(self.limit / 4):
            since = self.waits_since
            if since is not None and time.monotonic() - since > self.limit:
                log.warning(
                    "No batch of training data has arrived for %.0f s: reading is very slow, or a file or its disk "
                    "does not answer; the run continues as soon as one arrives",
                    time.monotonic() - since,
                )
                return
