"""How much memory of a GPU a training step takes, by recipe and size of batch: which of them fit a card.

    python benchmarks/memory.py        (some minutes of a GPU)

Each setting trains a few steps of random pixels as `gan-train trainer=gpu` would, CUDA graphs included. What is printed
is the most that PyTorch's allocator held, in GiB. The memory of CUDA itself comes on top, and scores are left out.
"""

import gc
import logging
import tempfile
from typing import NamedTuple

import torch
from hydra import compose, initialize_config_dir

from gan_lightning.console.config import CONF
from gan_lightning.training import train

STEPS = 8
"""Updates of the generator: enough for lazy penalties, and for the steps before a recording and those after it."""


class Setting(NamedTuple):
    """A recipe at one size of pictures, with the sizes of batch that are tried."""

    name: str
    overrides: list[str]
    batches: list[int]


_IMAGES = ["dataset=fake", "dataset.source.size=1024"]
_LARGE = ["dataset=fake", "dataset.source.size=128"]
SETTINGS = [
    Setting(
        "DCGAN, 64 px, width 64", ["model=dcgan", *_IMAGES, "dataset.resolution=64", "network.width=64"], [64, 512]
    ),
    Setting(
        "WGAN-GP, 64 px, width 64", ["model=wgan_gp", *_IMAGES, "dataset.resolution=64", "network.width=64"], [64, 256]
    ),
    Setting("SAGAN, 128 px", ["model=sagan", *_IMAGES, "dataset.resolution=128"], [32, 128]),
    Setting("BigGAN, 128 px", ["model=biggan", *_IMAGES, "dataset.resolution=128"], [32, 128]),
    Setting("StyleGAN2, 256 px", ["model=stylegan2", *_LARGE, "dataset.resolution=256"], [8, 32]),
    Setting("Pix2Pix, 256 px", ["model=pix2pix", "dataset=fake_pairs", "dataset.resolution=256"], [1, 16]),
    Setting("CycleGAN, 256 px", ["model=cyclegan", "dataset=fake_unpaired", "dataset.resolution=256"], [1, 4]),
]


def peak(setting: Setting, batch: int, accelerator: str = "gpu") -> float:
    """GiB that PyTorch held at most while a setting trained with a size of batch."""
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    quiet = ["callbacks=base", "callbacks.progress.refresh_rate=0", "metrics=none", f"max_generator_steps={STEPS}"]
    overrides = [*setting.overrides, *quiet, f"trainer={accelerator}", f"dataset.batch_size={batch}"]
    with tempfile.TemporaryDirectory() as folder, initialize_config_dir(CONF, version_base="1.3"):
        train(compose("train", [*overrides, f"run_dir={folder}/run"]))
    return torch.cuda.max_memory_reserved() / 2**30


def table(setting: Setting, accelerator: str = "gpu") -> list[str]:
    """A line of the printed table for each size of batch; one that fails says why."""
    lines = []
    for batch in setting.batches:
        try:
            told = f"{peak(setting, batch, accelerator):.1f}"
        except Exception as error:
            told = " ".join(str(error).split())[:80]
        lines.append(f"| {setting.name} | {batch} | {told} |")
    return lines


if __name__ == "__main__":
    logging.getLogger().setLevel(logging.ERROR)
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    print("| Recipe | Batch | GiB |\n|---|---|---|")
    for one in SETTINGS:
        print("\n".join(table(one)), flush=True)
