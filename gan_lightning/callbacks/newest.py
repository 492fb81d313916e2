"""Checkpoints to resume from, and an orderly end after a signal."""

import itertools
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, final

import lightning.pytorch as L
import torch
from lightning.pytorch.callbacks import Checkpoint

from gan_lightning import shell
from gan_lightning.counting import counted
from gan_lightning.distributed import gather
from gan_lightning.processes.requests import answered, missed
from gan_lightning.ranges import Count, PathText, within

log = logging.getLogger(__name__)

NEXT = "next.ckpt"
"""The name of the newest checkpoint until the older ones have been renamed."""

_PATHS = ("dirpath", "best_model_path", "kth_best_model_path", "last_model_path")  # in the state of a ModelCheckpoint


@final
class Newest(Checkpoint):
    """`last.ckpt` after every validation and, between them, every so many generator steps; before it `last-1.ckpt` ...

    A signal (`gan_lightning.processes.requests`) to any process lets all of them finish their step, save together and
    exit with status 128 plus the signal's number. After a signal during validation, the validation is finished first.
    The same signal again ends the process at once.

    A run that is resumed from one of these equals the uninterrupted one bit for bit, because they are only written
    between two steps, after all that follows a step (logs, validation).

    A run that another callback ends at the end of an epoch, where Lightning validates no more, takes one more batch, so
    that its end is validated and saved too.

    Args:
        folder: of the checkpoints.
        keep: how many stay.
        every: generator steps between saves; None saves after validations only.

    Raises:
        SettingError: a count below one.
    """

    def __init__(self, folder: PathText, keep: Count, every: Count | None) -> None:
        for name, value in (("keep", keep), ("every", every)):
            if value is not None:
                within(f"callbacks.newest.{name}", Count, value)
        self.folder = Path(folder)
        self.keep, self.every = keep, every
        self.saved_at, self.images_saved = 0, 0
        self.ends = False
        self.asked: int = 0
        self.before: dict[int, Any] = {}
        self.known: dict[str, float] = {}

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.saved_at, self.images_saved = pl_module.rounds, pl_module.images_seen
        # A run that is resumed at the end of an epoch first ends this epoch, and callbacks then need its scores.
        trainer.callback_metrics.update({name: torch.tensor(value) for name, value in self.known.items()})
        # Only now, because Lightning has just set its own handlers, with which the processes would not stop together.
        self.before = {number: signal.signal(number, self._ask) for number in answered()}
        self.asked = self.asked or missed()

    def _ask(self, number: int, _: FrameType | None) -> None:
        self.asked = number
        signal.signal(number, signal.SIG_DFL)

    def on_fit_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        if trainer.is_global_zero:
            (self.folder / NEXT).unlink(missing_ok=True)  # of an earlier run that was killed before it was renamed

    def teardown(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
        self.before = {}

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if self._is_asked(trainer):
            self.save(trainer, pl_module)
            self._end(pl_module)
        if self.every is not None and pl_module.rounds >= self.saved_at + self.every:
            self.save(trainer, pl_module)

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        trainer.should_stop |= self.ends

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.ends = trainer.should_stop and pl_module.images_seen > self.images_saved
        trainer.should_stop &= not self.ends

    def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        if trainer.sanity_checking:
            return
        self.save(trainer, pl_module)
        if self._is_asked(trainer):
            self._end(pl_module)

    def _is_asked(self, trainer: L.Trainer) -> bool:
        """Whether any process was asked to end, the same answer on all."""
        return trainer.strategy.reduce_boolean_decision(self.asked > 0, all=False)

    def _end(self, pl_module: Any) -> NoReturn:
        number = max(gather(self.asked))
        log.info(
            "Ended by %s after %s; everything is in %s. To go on: %s",
            *(signal.Signals(number).name, counted(pl_module.images_seen, "image")),
            *(
                os.path.relpath(self.folder / "last.ckpt"),
                shell.line(["gan-train", f"resume={os.path.relpath(self.folder.parent)}"]),
            ),
        )
        sys.exit(128 + number)

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        # Lightning has already counted the batch that is about to start; the checkpoint must not count it.
        progress = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]
        for counts in (progress["current"], progress["total"]):
            counts["ready"] = counts["completed"]
        progress["is_last_batch"] = progress["current"]["completed"] >= trainer.num_training_batches
        checkpoint["callback_metrics"] = {name: float(value) for name, value in trainer.callback_metrics.items()}

    def on_load_checkpoint(self, trainer: L.Trainer, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        self.known = checkpoint.get("callback_metrics", {})
        # Lightning counts batches per process; with another number of processes, the same images are more or fewer.
        before, now = len(checkpoint["processes"]), trainer.world_size
        progress = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]
        for counts in (progress["current"], progress["total"]):
            counts.update({name: count * before // now for name, count in counts.items()})
        # If the run's folder was moved, Lightning would no longer find the best checkpoints, and forget their scores.
        states = [state for state in checkpoint["callbacks"].values() if "best_model_path" in state]
        ours = [Path(state["dirpath"]) for state in states if Path(state["dirpath"]).name == self.folder.name]
        left = ours[0].parent if ours else Path(os.path.realpath(checkpoint["config"]["run_dir"]))
        here = Path(os.path.realpath(self.folder.parent))
        for state in states:
            state.update({name: _moved(state[name], left, here) for name in _PATHS})
            state["best_k_models"] = {_moved(path, left, here): score for path, score in state["best_k_models"].items()}

    def save(self, trainer: L.Trainer, pl_module: Any) -> None:
        """Write `last.ckpt`; all processes have to call this together."""
        self.saved_at, self.images_saved = pl_module.rounds, pl_module.images_seen
        written = self.folder / NEXT
        trainer.save_checkpoint(written)
        if trainer.is_global_zero:
            # Each file is renamed in one step, so at every moment the newest checkpoint has one of these names.
            names = [self.folder / f"last{f'-{age}' if age else ''}.ckpt" for age in range(self.keep)]
            for younger, older in reversed(list(itertools.pairwise(names))):
                if younger.exists():
                    younger.replace(older)
            written.replace(names[0])


def _moved(path: str, left: Path, here: Path) -> str:
    """A path below the folder `left`, changed to the same path below `here`; other paths are unchanged."""
    return str(here / Path(path).relative_to(left)) if Path(path).is_relative_to(left) else path
