"""What the framework costs: a training step under Lightning's Trainer against the same step in plain PyTorch.

    make bench        (or .venv/bin/python benchmarks/step.py; about two minutes on two cores)

The Trainer runs as `gan-train` runs it: progress bar, CSV log, average of G, counters, schedules, reseeding;
only validation and checkpoints are left out. `plain_loop` below trains copies of the same networks with the
same operations. Both sides take turns within one process, so that whatever else the machine does meets both:
the number to trust is the ratio. Pixels are random and everything stays on the CPU.
"""

import copy
import logging
import os
import platform
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import lightning.pytorch as L
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.callbacks import Provenance
from gan_lightning.config import CONF, plain
from gan_lightning.models import GAN

ROUNDS = 10
WARM_UP = 2  # rounds before those that count


@dataclass(frozen=True)
class Setting:
    """What is trained; `steps` of it, a second or two, are one turn of either side."""

    name: str
    resolution: int
    width: int
    batch_size: int
    steps: int


SETTINGS = [
    # A multiple of trainer.log_every_n_steps, so that every turn writes as many log rows.
    Setting("default recipe: 3x32x32, width 16, batch 32", resolution=32, width=16, batch_size=32, steps=100),
    Setting("DCGAN 64: 3x64x64, width 64, batch 64", resolution=64, width=64, batch_size=64, steps=4),
]


def plain_loop(model: GAN, images: Tensor, labels: Tensor, batch_size: int) -> Iterator[None]:
    """Train copies of the model's networks without the framework; every step yields."""
    generator, discriminator = copy.deepcopy(model.generator), copy.deepcopy(model.discriminator)
    average = copy.deepcopy(generator).requires_grad_(False)
    generator_optimizer = model.optimisation.generator(generator.parameters())
    discriminator_optimizer = model.optimisation.discriminator(discriminator.parameters())
    while True:
        for positions in torch.randperm(len(images)).split(batch_size):
            real, label = images[positions].float().div_(127.5).sub_(1), labels[positions]

            with torch.no_grad():
                fake = generator(torch.randn(batch_size, generator.latent_dim), label)
            on_real, on_fake = discriminator(real, label).logits, discriminator(fake, label).logits
            loss = F.binary_cross_entropy_with_logits(on_real, torch.full_like(on_real, model.loss.real_target))
            loss = loss + F.binary_cross_entropy_with_logits(on_fake, torch.zeros_like(on_fake))
            discriminator_optimizer.zero_grad()
            loss.backward()
            discriminator_optimizer.step()

            discriminator.requires_grad_(False)
            on_fake = discriminator(generator(torch.randn(batch_size, generator.latent_dim), label), label).logits
            loss = F.binary_cross_entropy_with_logits(on_fake, torch.ones_like(on_fake))
            generator_optimizer.zero_grad()
            loss.backward()
            generator_optimizer.step()
            discriminator.requires_grad_(True)

            with torch.no_grad():
                for mean, value in zip(average.parameters(), generator.parameters(), strict=True):
                    mean.lerp_(value, 1 - model.optimisation.ema_decay)
                for mean, value in zip(average.buffers(), generator.buffers(), strict=True):
                    mean.copy_(value)
            yield


class TakeTurns(L.Callback):
    """Times the Trainer's turns, and between them gives the plain loop its own.

    A turn of the Trainer lasts from the end of a batch to the end of a later one, so fetching batches,
    progress bar and logs are in it, and the Trainer's set-up is not.
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
        "dataset=fake",
        f"dataset.source.size={setting.batch_size * setting.steps * (WARM_UP + ROUNDS)}",
        f"dataset.resolution={setting.resolution}",
        f"dataset.batch_size={setting.batch_size}",
        f"network.width={setting.width}",
        "metrics=none",
        "~callbacks.best",
        # The bar is drawn, and paid for, even where nobody looks, and the results have stdout for themselves.
        "+callbacks.progress.console_kwargs={force_terminal: true, stderr: true}",
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
    images = data.images("train")
    turns = TakeTurns(plain_loop(model, images.images, images.labels, setting.batch_size), setting.steps)
    callbacks = [*instantiate(config.callbacks).values(), Provenance(plain(config)), turns]
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
