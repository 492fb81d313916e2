"""When a run begins: with its first step, or with its first checkpoint if that comes before."""

from collections.abc import Callable
from typing import Any, final

import lightning.pytorch as L


@final
class Beginning(L.Callback):
    """Calls a function once, on every process, as soon as the run has something to keep.

    Until then everything that a setting or the data can spoil has happened, and nothing that an earlier run left in the
    folder was changed; so a start that fails can be repeated.

    Args:
        mark: writes what marks the folder as that of a run, before other callbacks write there. A new run that is
            killed in its first step can then be resumed; one that fails there takes it back.
        begin: writes the first traces of the run.
    """

    def __init__(self, mark: Callable[[], None], begin: Callable[[], None]) -> None:
        self.mark, self.begin = mark, begin
        self.begun = False

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.mark()

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        self._begin_once()

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        self._begin_once()

    def on_fit_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self._begin_once()  # where nothing was left to do

    def _begin_once(self) -> None:
        if not self.begun:
            self.begun = True
            self.begin()
