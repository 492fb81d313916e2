"""Short trainings whose results were recorded, to be compared with the results of today.

`python tests/support/unchanged.py NAME ...` records some recipes, or without names all, a file each, below
tests/models/recorded/. Do this for a new recipe, or if a change of the mathematics is intended.
"""

import hashlib
import json
import platform
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ranks
import recipes
import torch

from gan_lightning.batch import Attributed, Labelled, Paired, Unpaired
from gan_lightning.models import SequenceModel

RECORDED = Path(__file__).parents[1] / "models" / "recorded" / "updates"
UPDATES = 20  # of the discriminator

_COMMON = ["trainer.max_epochs=1", f"dataset.batch_size={ranks.BATCH}", "model.optimisation.ema_decay=0.9"]
_IMAGES = [*_COMMON, "metrics=none", f"dataset.source.size={2 * UPDATES * ranks.BATCH}", "network.width=4"]
_NOISE = [*_IMAGES, "dataset=fake", "dataset.resolution=16"]
_PAIRS = [*_IMAGES, "dataset=fake_pairs", "dataset.resolution=64"]
_RESOLUTIONS = {Labelled: 16, Paired: 64, Unpaired: 32, Attributed: 16}
_MORE = {
    "cyclegan": ["network.translator.blocks=1", "model.pool_size=6"],
    "discogan": ["dataset.resolution=64"],
    "dualgan": ["dataset.resolution=64"],
    **{
        name: ["dataset.resolution=32", "network.translator.blocks=1"]
        for name in ("srresnet", "rrdb", "srgan", "esrgan")
    },
}
_POINTS = [*_COMMON, f"dataset.num_train={2 * UPDATES * ranks.BATCH}"]


def _settings(recipe: str) -> list[str]:
    """A recipe of a model with a small network on random images."""
    step = recipes.step_of(recipe)
    small = _IMAGES if recipe != "gan" else _IMAGES[:-1]  # whose network has no single width
    if issubclass(step, SequenceModel):
        return [f"model={recipe}", *small, f"dataset={recipes.fake_data(step)}", *recipes.short(step)]
    data = [f"dataset={recipes.fake_data(step, recipe)}", f"dataset.resolution={_RESOLUTIONS[step.takes]}"]
    return [f"model={recipe}", *small, *data, *_MORE.get(recipe, [])]


RECIPES: dict[str, list[str]] = {
    **{recipe: _settings(recipe) for recipe in recipes.options("model")},
    "few_photos": ["experiment=few_photos", *_NOISE],
    "wgan_gp_cifar10": ["experiment=wgan_gp_cifar10", *_NOISE, "dataset.resolution=32"],
    "cgan_projection_cifar10": [
        *("experiment=cgan_projection_cifar10", *_NOISE, "dataset.resolution=32"),
        *("network.generator.width=4", "network.discriminator.width=4"),
    ],
    "pix2pix_facades": ["experiment=pix2pix_facades", *_PAIRS],
    "toy_ring": ["experiment=toy_ring", *_POINTS],
}
"""Small networks on random images, by the name of the recipe or experiment."""
FIRST = ("dcgan", "wgan_gp", "cgan", "pix2pix", "cyclegan")
COVER = {*FIRST, "progan", "stylegan2", *map(recipes.recipe_of, recipes.STEPS)}
"""A recipe of each training step, and those with most parts in one. The others differ in networks and losses."""
CONDITIONAL = {"cgan", "cgan_projection", "acgan", "cgan_projection_cifar10"}


def machine() -> str:
    """What float32 results depend on: the version of torch, and the kind of processor."""
    processors = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    processor = processors[0] if processors else platform.machine()
    return f"torch {torch.__version__}, {processor}, {torch.backends.cpu.get_cpu_capability()}"


def trained(name: str, *more: str) -> Any:
    """The model of a recipe after `UPDATES` batches, in this process or these processes."""
    config = ranks.composed(RECIPES[name], *more)
    model, data = ranks.build(config)
    ranks.trainer(config, limit_val_batches=0, limit_train_batches=UPDATES).fit(model, data)
    return model


def digest(model: Any) -> str:
    """SHA-256 of all parameters, the average's too, whatever they are called."""
    parts = sorted(hashlib.sha256(value.detach().numpy().tobytes()).hexdigest() for value in model.parameters())
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def sums(model: Any) -> list[list[float]]:
    """Of every parameter: how many numbers, their sum, and the sum of their squares; sorted."""
    values = [value.detach().double() for value in model.parameters()]
    return sorted([value.numel(), value.sum().item(), value.square().sum().item()] for value in values)


def record(names: Sequence[str]) -> None:
    """Write what one process and two come to."""
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder, ranks.quiet():
        ranks.run_pair(Path(folder), *(f"recorded-{name}" for name in names))
        for name in names:
            found = {
                "machine": machine(),
                "float32": digest(trained(name)),
                "float32, two processes": torch.load(Path(folder, f"recorded-{name}-0.pt")),
                "float64": sums(trained(name, "trainer.precision=64-true")),
            }
            (RECORDED / f"{name}.json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    record(sys.argv[1:] or list(RECIPES))
