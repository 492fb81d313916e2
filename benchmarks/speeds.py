"""Images per second, and parameters, of every recipe that makes images from noise.

    python benchmarks/speeds.py                          (on a CPU; several minutes)
    python benchmarks/speeds.py --accelerator gpu
    python benchmarks/speeds.py --only sngan,r3gan network.width=64

Each trains on random pixels of 3 x 32 x 32 as `gan-train model=NAME` does, in batches of 32, without scores. The clock
starts when a GPU has recorded its steps as CUDA graphs. Images are real ones, so recipes with several critic steps look
faster than their generators learn. Progressive growing is timed at its full size.
"""

import argparse
import logging
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import lightning.pytorch as L
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from step import machine, now

from gan_lightning.callbacks import OnGPU, Provenance
from gan_lightning.composition import build_model
from gan_lightning.console.config import CONF, plain

BATCHES = {"cpu": (3, 6), "gpu": (100, 300)}
"""Batches before the clock starts, and batches that count, so many that lazy terms are among them."""
RECIPES = [
    *("dcgan", "wgan", "wgan_gp", "lsgan", "ebgan", "began", "sngan", "sagan", "biggan", "biggan_deep"),
    *("stylegan", "stylegan2", "stylegan2_ada", "r3gan", "progan", "lapgan"),
    *("autoencoder", "vae", "vae_gan", "bigan", "infogan"),
]

ALSO = {"progan": ["network.grown=0"], "stylegan": ["network.grown=0"]}
"""Settings of single recipes."""


class Stopwatch(L.Callback):
    """Notes the time and the images seen after the first batches, and at the end."""

    def __init__(self, first: int) -> None:
        self.first = first

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if batch_idx + 1 == self.first:
            self.begun, self.images = now(pl_module.device), pl_module.images_seen
        elif batch_idx + 1 == trainer.num_training_batches:
            self.rate = (pl_module.images_seen - self.images) / (now(pl_module.device) - self.begun)


def measure(recipe: str, accelerator: str, *more: str) -> dict[str, Any]:
    """The recipe's name, its players' parameters, and its images per second."""
    first, counted = BATCHES[accelerator]
    with tempfile.TemporaryDirectory() as run_dir:
        overrides = [
            *(f"model={recipe}", "dataset=fake", "dataset.resolution=32", "dataset.batch_size=32"),
            *(f"dataset.source.size={32 * (first + counted)}", "metrics=none", "callbacks=base", "~callbacks.best"),
            *(f"trainer.accelerator={accelerator}", "trainer.max_epochs=1", "+trainer.limit_val_batches=0"),
            *(f"run_dir={run_dir}", "callbacks.progress.refresh_rate=0"),
            *(*ALSO.get(recipe, []), *more),
        ]
        with initialize_config_dir(CONF, version_base="1.3"):
            config = compose("train", overrides)
        L.seed_everything(config.seed, workers=True, verbose=False)
        data = instantiate(config.dataset)
        config.spec = asdict(data.spec())
        model = build_model(config)
        stopwatch = Stopwatch(first)
        callbacks = [*instantiate(config.callbacks).values(), Provenance(plain(config), {}, []), OnGPU(config.capture)]
        instantiate(config.trainer, callbacks=[*callbacks, stopwatch], logger=[]).fit(model, data)
    parameters = {
        name: sum(parameter.numel() for parameter in player.network.parameters())
        for name, player in model.players.items()
    }
    return {"recipe": recipe, "parameters": parameters, "images/s": stopwatch.rate}


def line(row: dict[str, Any]) -> str:
    """A row of the table in Markdown."""
    sizes = ", ".join(f"{name} {size / 1e6:.2f} M" for name, size in row["parameters"].items())
    return f"| `model={row['recipe']}` | {sizes} | {row['images/s']:,.0f} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accelerator", choices=["cpu", "gpu"], default="cpu")
    parser.add_argument("--only", default=",".join(RECIPES), help="names of recipes, with commas between them")
    parser.add_argument("overrides", nargs="*", help="settings of all of them, such as network.width=64")
    given = parser.parse_args(arguments)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    for message in ("LeafSpec", "does not have many workers", "is smaller than the logging interval"):
        warnings.filterwarnings("ignore", f".*{message}.*")
    print(f"{machine(given.accelerator)}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print("| Recipe | Parameters | Images per second |\n|---|---|---|")
    for recipe in given.only.split(","):
        print(line(measure(recipe, given.accelerator, *given.overrides)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
