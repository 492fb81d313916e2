"""What a batch costs beside its step: the loop of the default recipe, with a step that does nothing.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/around.py

This time is added to every step, and a GPU that replays a step as a CUDA graph waits for it. The trainer of `gan-train`
and Lightning's own, with the same settings, callbacks and logger, train in turn. Times are microseconds for a batch, of
the processor's time of this thread: the least that a hundred batches in a row took, as other programs only add to it.

- `fetching`: the data loader alone.
- `module`: seeds, counters, schedules and logs of the model.
- `rest`: Lightning's loop, its hooks and the callbacks, which updates would share if a batch carried several of them.
"""

import logging
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import lightning.pytorch as L
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import DictConfig

from gan_lightning.callbacks import OnGPU, Provenance, SlowData
from gan_lightning.console.config import CONF, plain
from gan_lightning.runs.trainer import build_trainer

BATCHES, BLOCK, ROUNDS = 2000, 100, 5
"""Batches of a training, batches that are timed together, and trainings of each trainer."""

Build = Callable[[DictConfig, Sequence[L.Callback], Sequence[Any]], L.Trainer]


def ours(trainer: DictConfig, callbacks: Sequence[L.Callback], loggers: Sequence[Any]) -> L.Trainer:
    return build_trainer(trainer, callbacks, loggers, None)


def lightnings(trainer: DictConfig, callbacks: Sequence[L.Callback], loggers: Sequence[Any]) -> L.Trainer:
    built: L.Trainer = instantiate(trainer, callbacks=list(callbacks), logger=list(loggers))
    return built


class Parts(L.Callback):
    """Times blocks of batches: all of it, and what the model does in them beside its step."""

    def __init__(self, model: Any) -> None:
        self.blocks: list[tuple[float, float]] = []
        self.module = 0.0
        scalars = {f"loss_{name}": torch.zeros(()) for name in model.players}

        def step(batches: list[Any]) -> None:
            for player in model.players.values():
                player.steps += 1
            model.log_scalars(**scalars)

        model.step = step
        for hook in ("on_train_batch_start", "training_step"):
            setattr(model, hook, self._timed(getattr(model, hook)))

    def _timed(self, hook: Callable[[Any, int], None]) -> Callable[[Any, int], None]:
        def timed(batch: Any, batch_idx: int) -> None:
            start = time.thread_time()
            hook(batch, batch_idx)
            self.module += time.thread_time() - start

        return timed

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if (batch_idx + 1) % BLOCK:
            return
        now = time.thread_time()
        if batch_idx + 1 > BLOCK:  # the first ones are slower
            self.blocks.append((now - self.start, self.module))
        self.start, self.module = now, 0.0


def train(build: Build, run_dir: str) -> list[tuple[float, float]]:
    """One training, and what each block took in it: all of it, and the model."""
    overrides = [
        *("dataset=fake", f"dataset.source.size={32 * BATCHES}", "dataset.batch_size=32", "metrics=none"),
        *("~callbacks.best", "trainer.accelerator=cpu", "trainer.max_epochs=1", "+trainer.limit_val_batches=0"),
        f"run_dir={run_dir}",
    ]
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", overrides)
    data = instantiate(config.dataset)
    config.spec = asdict(data.spec())
    model = instantiate(config.model)
    parts = Parts(model)
    callbacks = [*instantiate(config.callbacks).values(), Provenance(plain(config), {}, []), SlowData(), OnGPU(False)]
    build(config.trainer, [*callbacks, parts], [*instantiate(config.logger).values()]).fit(model, data)
    return parts.blocks


def fetching() -> float:
    """What the data loader alone takes for a block, at the least."""
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", ["dataset=fake", f"dataset.source.size={32 * BATCHES}", "dataset.batch_size=32"])
    batches = iter(instantiate(config.dataset).train_dataloader())
    times = []
    for _ in range(BATCHES // BLOCK):
        start = time.thread_time()
        for _ in range(BLOCK):
            next(batches)
        times.append(time.thread_time() - start)
    return min(times)


def measure() -> dict[str, dict[str, float]]:
    """Of each trainer, the parts of a batch and their sum."""
    found: dict[str, list[tuple[float, float]]] = {"gan-train": [], "Lightning": []}
    for _ in range(ROUNDS):
        for name, build in (("gan-train", ours), ("Lightning", lightnings)):
            with tempfile.TemporaryDirectory() as run_dir:
                found[name] += train(build, run_dir)
    fetched = fetching()
    rows = {}
    for name, blocks in found.items():
        whole, module = min(blocks)
        parts = {"batch": whole, "fetching": fetched, "module": module, "rest": whole - module - fetched}
        rows[name] = {part: seconds / BLOCK * 1e6 for part, seconds in parts.items()}
    return rows


if __name__ == "__main__":
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    # The last one: the step that does nothing steps no optimizer.
    for message in ("LeafSpec", "does not have many workers", "Detected call of `lr_scheduler.step"):
        warnings.filterwarnings("ignore", f".*{message}.*")
    for trainer, row in measure().items():
        print(trainer, *(f"{name} {value:.0f}" for name, value in row.items()), sep="  ")
