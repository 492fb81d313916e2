"""How far a run is: a bar on a terminal and in a notebook, elsewhere a line from time to time."""

import logging
import os
import sys
import time
from typing import Any, final

import lightning.pytorch as L
from lightning.pytorch.callbacks import ProgressBar
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar as Bar
from rich.table import Table
from rich.text import Text

from gan_lightning.callbacks.clock import Clock, duration, peak_memory
from gan_lightning.callbacks.notebook import NotebookBar, in_notebook
from gan_lightning.counting import counted, per_second
from gan_lightning.ranges import Count, Whole, within

log = logging.getLogger(__name__)

FIRST_STEPS = 100
"""Generator steps after which the duration of a run can be estimated."""


@final
class Progress(ProgressBar):
    """The share of the run's budget that is spent, the time left, images per second, peak memory, losses and scores.

    On a terminal and in a notebook, a few lines that change in place. In a file or a pipe, a plain line every
    `interval` seconds. The log has a line after the first `FIRST_STEPS` generator steps, when the time left is known,
    and one at the end.

    Args:
        refresh_rate: training batches between two changes in place; with 0 nothing is shown, also elsewhere.
        interval: seconds between two lines elsewhere.

    Raises:
        SettingError: a count below zero or an interval below one.
    """

    def __init__(self, refresh_rate: Whole, interval: Count) -> None:
        super().__init__()
        self.refresh_rate = within("callbacks.progress.refresh_rate", Whole, refresh_rate)
        self.interval = within("callbacks.progress.interval", Count, interval)
        self.enabled = refresh_rate > 0
        self.live: Live | NotebookBar | None = None
        self.validated = 0  # batches of the validation under way

    def disable(self) -> None:
        self.enabled = False

    def enable(self) -> None:
        self.enabled = self.refresh_rate > 0

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.clock = Clock.start(pl_module)
        self.first_steps = pl_module.rounds + FIRST_STEPS
        self.last_line = time.monotonic()
        if self.enabled and on_terminal():
            self.live = Live(self._picture(pl_module), console=Console(stderr=True), auto_refresh=False, transient=True)
            self.live.start(refresh=True)
        elif self.enabled and in_notebook():
            self.live = NotebookBar()
            self._refresh(pl_module)

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if not self.enabled:
            return
        if self.live is not None and trainer.fit_loop.epoch_loop.total_batch_idx % self.refresh_rate == 0:
            self._refresh(pl_module)
        if self.first_steps is not None and pl_module.rounds >= self.first_steps:
            self.first_steps = None
            self._log_line(pl_module)
        elif self.live is None and time.monotonic() >= self.last_line + self.interval:
            self._log_line(pl_module)

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        self.clock.train()

    def on_validation_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.clock.pause()

    def on_validation_batch_end(
        self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        self.validated += 1
        self._refresh(pl_module)

    def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.validated = 0

    def on_train_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self._refresh(pl_module)
        self._remove_picture()
        if self.enabled and pl_module.images_seen > self.clock.images:
            self._log_line(pl_module)

    def on_exception(self, trainer: L.Trainer, pl_module: Any, exception: BaseException) -> None:
        self._remove_picture()

    def _refresh(self, module: Any) -> None:
        if isinstance(self.live, Live):
            self.live.update(self._picture(module), refresh=True)
        elif self.live is not None:
            self.live.show(module.progress, [self._head(module).strip(), "  ".join(self._texts(module))])

    def _remove_picture(self) -> None:
        if isinstance(self.live, Live):
            self.live.stop()
        self.live = None

    def _log_line(self, module: Any) -> None:
        self.last_line = time.monotonic()
        log.info("%s", f"{self._head(module)}; {'; '.join(self._details(module))}")

    def _head(self, module: Any) -> str:
        done = f"{module.progress:4.0%}, {counted(module.images_seen, 'image')}"
        left = self.clock.left(module)
        if left is None:
            return done
        return f"{done}, {duration(left)} left" if left > 0 else f"{done} in {duration(self.clock.elapsed)}"

    def _details(self, module: Any) -> list[str]:
        speed = per_second(self.clock.speed(module), 1, "images")
        memory = f"memory {peak_memory(module.device)}"
        newest = [f"{name} {value:.4g}" for name, value in self.trainer.progress_bar_metrics.items()]
        return [speed, memory, *newest]

    def _picture(self, module: Any) -> Group:
        """Two lines on a terminal of 80 columns, three where there are many losses."""
        bar = Table.grid(expand=True, padding=(0, 1))
        bar.add_column(ratio=1)
        bar.add_column(no_wrap=True)
        bar.add_row(Bar(total=1.0, completed=module.progress), self._head(module).strip())
        return Group(bar, Text("  ".join(self._texts(module))))

    def _texts(self, module: Any) -> list[str]:
        validation = [f"validation, batch {self.validated}"] if self.validated else []
        return [*validation, *self._details(module)]


def on_terminal() -> bool:
    """Whether lines can change in place. rich alone would also trust variables of the environment."""
    return sys.stderr.isatty() and os.environ.get("TERM") not in (None, "dumb", "unknown")
