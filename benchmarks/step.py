"""What the framework costs: a training step under Lightning's Trainer against the same step in plain PyTorch.

    make bench        (or .venv/bin/python benchmarks/step.py; several minutes)

The Trainer runs as `gan-train` runs it: progress, CSV log, average of G, counters, schedules, reseeding;
only validation and checkpoints are left out. The loops of `loops.py` train copies of the same networks with the
same operations. Both sides take turns within one process, so that whatever else the machine does meets both:
the number to trust is the ratio. Pixels are random and everything stays on the CPU.
"""

import logging
import os
import platform
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import lightning.pytorch as L
import loops
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from gan_lightning.callbacks import Provenance
from gan_lightning.console.config import CONF, plain

ROUNDS = 10
WARM_UP = 2  # rounds before those that count


@dataclass(frozen=True)
class Setting:
    """What is trained; `steps` of it, a second or two, are one turn of either side."""

    name: str
    overrides: list[str]
    by_hand: Callable[[Any, Any], Iterator[None]]
    batch_size: int
    steps: int


# Where steps are short, a turn is a multiple of trainer.log_every_n_steps, so that every turn writes as many log rows.
SETTINGS = [
    Setting(
        "default recipe: 3x32x32, width 16, batch 32",
        ["dataset=fake", "dataset.resolution=32", "network.width=16"],
        *(loops.gan, 32, 100),
    ),
    Setting(
        "DCGAN 64: 3x64x64, width 64, batch 64",
        ["dataset=fake", "dataset.resolution=64", "network.width=64"],
        *(loops.gan, 64, 4),
    ),
    Setting(
        "Pix2Pix: 3x64x64, width 16, batch 4",
        ["model=pix2pix", "dataset=fake_pairs", "dataset.resolution=64", "network.width=16"],
        *(loops.pix2pix, 4, 50),
    ),
    Setting(
        "CycleGAN: 3x32x32, width 16, batch 4",
        ["model=cyclegan", "dataset=fake_unpaired", "dataset.resolution=32", "network.width=16"],
        *(loops.cyclegan, 4, 10),
    ),
]


class TakeTurns(L.Callback):
    """Times the Trainer's turns, and between them gives the plain loop its own.

    A turn of the Trainer lasts from the end of a batch to the end of a later one, so fetching batches,
    progress and logs are in it, and the Trainer's set-up is not.
    """

    def __init__(self, by_hand: Iterator[None], steps: int) -> None:
        self.by_hand, self.steps = by_hand, steps
        self.trainer_times: list[float] = []
        self.plain_times: list[float] = []

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self.start = time.perf_counter()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if (batch_idx + 1) % self.steps:
            return
        self.trainer_times.append(self._since_start())
        # Trainer, plain, plain, Trainer, Trainer, plain ...: each side begins every other round.
        if len(self.trainer_times) % 2:
            self.plain_times += [self._plain_turn(), self._plain_turn()]
        self.start = time.perf_counter()

    def _plain_turn(self) -> float:
        self.start = time.perf_counter()
        for _ in range(self.steps):
            next(self.by_hand)
        return self._since_start()

    def _since_start(self) -> float:
        """Milliseconds per step of the turn that ends now."""
        return (time.perf_counter() - self.start) / self.steps * 1000


def measure(setting: Setting, run_dir: str) -> TakeTurns:
    """Build everything as `gan_lightning.train` does, and train one epoch that is as long as the measurement."""
    overrides = [
        *setting.overrides,
        f"dataset.source.size={setting.batch_size * setting.steps * (WARM_UP + ROUNDS)}",
        f"dataset.batch_size={setting.batch_size}",
        "metrics=none",
        "~callbacks.best",
        "trainer.accelerator=cpu",
        "trainer.max_epochs=1",
        "+trainer.limit_val_batches=0",
        f"run_dir={run_dir}",
    ]
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", overrides)
    L.seed_everything(config.seed, workers=True, verbose=False)
    data = instantiate(config.dataset)
    config.spec = asdict(data.spec())
    model = instantiate(config.model)
    turns = TakeTurns(setting.by_hand(model, data), setting.steps)
    callbacks = [*instantiate(config.callbacks).values(), Provenance(plain(config), {}, []), turns]
    loggers = list(instantiate(config.logger).values())
    instantiate(config.trainer, callbacks=callbacks, logger=loggers).fit(model, data)
    return turns


def cpu_model() -> str:
    """The processor's name, which Python itself does not tell on Linux."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main() -> None:
    """Measure and print."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    # As gan-train does.
    for message in ("LeafSpec", "does not have many workers", "is smaller than the logging interval"):
        warnings.filterwarnings("ignore", f".*{message}.*")
    print(f"{cpu_model()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f}")
    print(f"torch {torch.__version__}, lightning {L.__version__}")
    for setting in SETTINGS:
        with tempfile.TemporaryDirectory() as run_dir:
            turns = measure(setting, run_dir)
        trainer, by_hand = turns.trainer_times[WARM_UP:], turns.plain_times[WARM_UP:]
        ratios = [ours / theirs for ours, theirs in zip(trainer, by_hand, strict=True)]
        print(
            f"{setting.name}\n"
            f"  Trainer {median(trainer):.2f} ms per step, plain loop {median(by_hand):.2f} ms per step\n"
            f"  ratio {median(ratios):.3f} ({min(ratios):.3f} - {max(ratios):.3f} over {ROUNDS} rounds)"
        )


if __name__ == "__main__":
    main()
