"""How many minutes of one core the README's commands take: a few updates of each, extrapolated to its budget.

    OMP_NUM_THREADS=1 python benchmarks/durations.py        (some minutes)

What is measured is the processor time of this process, so that it does not matter what else the machine does. Random
pixels of the same size stand for the data. Preparing data and scoring are left out.
"""

import logging
import tempfile
import time
import warnings
from dataclasses import asdict, dataclass
from typing import Any

import lightning.pytorch as L
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from step import machine

from gan_lightning.console.config import CONF

WARM_UP, MEASURED = 10, 30
"""Updates of the generator."""


@dataclass(frozen=True)
class Command:
    """A command of the README, and the settings that train the same networks on as large batches of random pixels."""

    name: str
    overrides: list[str]


COMMANDS = [
    Command("gan-train", ["dataset=fake", "dataset.resolution=32"]),
    Command(
        "gan-train model=wgan_gp dataset=fashion_mnist",
        [
            "model=wgan_gp",
            "dataset=fake",
            "dataset.resolution=32",
            "dataset.source.channels=1",
            "dataset.batch_size=64",
        ],
    ),
    Command(
        "gan-train model=cgan dataset.source.label=skin_color",
        ["model=cgan", "dataset=fake", "dataset.resolution=32", "dataset.source.num_classes=6"],
    ),
    Command(
        "gan-train dataset=folder dataset.source.path=PHOTOS",
        ["experiment=few_photos", "dataset=fake", "dataset.resolution=64"],
    ),
    Command(
        "gan-train model=cgan dataset=folder dataset.source.path=PHOTOS",
        [
            "model=cgan",
            "augment=diffaugment",
            "max_images=280000",
            "dataset=fake",
            "dataset.resolution=64",
            "dataset.batch_size=64",
        ],
    ),
    Command(
        "gan-train model=pix2pix dataset=aligned_folder dataset.source.path=PAIRS dataset.resolution=64",
        ["model=pix2pix", "dataset=fake_pairs", "dataset.resolution=64", "dataset.batch_size=8"],
    ),
    Command("gan-train model=gan_cls", ["model=gan_cls", "dataset=fake_captions", "dataset.resolution=32"]),
    Command("gan-train model=cyclegan", ["model=cyclegan", "dataset=fake_unpaired", "dataset.resolution=32"]),
    Command(
        "gan-train model=cyclegan dataset=unpaired_folder dataset.source.path=PILES dataset.resolution=64",
        ["model=cyclegan", "dataset=fake_unpaired", "dataset.resolution=64", "dataset.batch_size=1"],
    ),
]


class Stopwatch(L.Callback):
    """Notes the processor time and the images that were seen after every update of the generator, and ends the run."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.images: list[int] = []

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if pl_module.generator_step > len(self.seconds):
            self.seconds.append(time.process_time())
            self.images.append(pl_module.images_seen)
        trainer.should_stop = len(self.seconds) > WARM_UP + MEASURED


def minutes(command: Command) -> float:
    """Of the whole run."""
    with tempfile.TemporaryDirectory() as run_dir, initialize_config_dir(CONF, version_base="1.3"):
        config = compose(
            "train",
            [
                *command.overrides,
                *("dataset.source.size=4096", "metrics=none", "~callbacks.best", "trainer.accelerator=cpu"),
                *("callbacks.progress.refresh_rate=0", "+trainer.limit_val_batches=0", f"run_dir={run_dir}"),
            ],
        )
        L.seed_everything(config.seed, workers=True, verbose=False)
        data = instantiate(config.dataset)
        config.spec = asdict(data.spec())
        model = instantiate(config.model)
        watch = Stopwatch()
        instantiate(config.trainer, callbacks=[watch], logger=False, enable_progress_bar=False).fit(model, data)
    seconds, images = (values[-1] - values[WARM_UP] for values in (watch.seconds, watch.images))
    return model.optimisation.max_images * seconds / images / 60


def main() -> None:
    """Measure and print."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore")  # what Lightning and torch say of so short a run
    print(f"{machine('cpu')}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    for command in COMMANDS:
        print(f"{minutes(command):6.1f} min  {command.name}", flush=True)


if __name__ == "__main__":
    main()
