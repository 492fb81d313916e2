"""Which score sees what: real images that are blurred, made noisy, robbed of classes or replayed, and fewer of them.

    .venv/bin/python benchmarks/scores.py                       (digits; a minute)
    .venv/bin/python benchmarks/scores.py --data fashion_mnist  (some minutes)

The first table scores held-out real images after one change at a time against the training images, with the classifier
as extractor. The second one scores fewer and fewer unchanged held-out images: what is left at each number is the bias.
"""

import argparse
import logging
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from torch import Tensor
from torchvision.transforms.v2 import functional as TF

from gan_lightning.console.config import CONF
from gan_lightning.data import ImageData, Images, SelectedImages, spread
from gan_lightning.metrics import ClassifierExtractor, GenerationScores

QUALITY = ("fid", "kid", "swd", "is", "precision", "recall", "density", "coverage")
CLASSES = ("classes_reached", "class_kl")
COPIES = ("nn_ratio", "copied", "authenticity", "ct")
FEWER = ("fid", "fid_infinity", "kid", "precision", "recall", "coverage")

Table = dict[str, dict[str, float]]
"""By what was scored, the scores by name."""


def same(image: Tensor) -> Tensor:
    """No change."""
    return image


def blurred(sigma: float) -> Callable[[Tensor], Tensor]:
    """Images (B, C, H, W) uint8 under a Gaussian blur of so many pixels."""
    size = 2 * round(3 * sigma) + 1
    return lambda image: TF.gaussian_blur(image, [size, size], [sigma, sigma])


def noisy(deviation: float) -> Callable[[Tensor], Tensor]:
    """Images with Gaussian noise of a deviation in grey levels."""
    random = torch.Generator().manual_seed(0)
    return lambda image: (image + deviation * torch.randn(image.shape, generator=random)).clamp(0, 255).to(torch.uint8)


def without(images: Images, dropped: int, count: int) -> Images:
    """As many images of the other classes, repeated where there are too few."""
    left = (images.labels >= dropped).nonzero().flatten()
    return SelectedImages(images, left[torch.arange(count) % len(left)])


def prepared(data: ImageData, names: tuple[str, ...], count: int, images: int, cache_dir: Path) -> GenerationScores:
    """Scores by name, ready for so many samples."""
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", [f"metrics=[{','.join(names)}]", "extractor=classifier", "dataset=digits"]).metrics
    made = {name: instantiate(score) for name, score in config.scores.items()}
    extractor = ClassifierExtractor(str(cache_dir), images=images, seed=0)
    scores = GenerationScores(str(cache_dir), "train", 1, count, None, made, extractor, only_possible=True)
    scores.prepare(data)
    return scores


def behaviour(data: ImageData, count: int, images: int, cache_dir: Path) -> Table:
    """Scores of at most so many held-out images, after each change. Scores of copies compare them with all of these.

    Args:
        data: labelled, with a held-out split.
        count: of samples.
        images: that the classifier is fitted on.
        cache_dir: folder of the fitted weights and of the real side.
    """
    held = spread(data.images("test"), count)
    count = len(held)
    scores = prepared(data, (*QUALITY, *CLASSES, *COPIES), count, images, cache_dir).scores
    shown: dict[str, tuple[Images, Callable[[Tensor], Tensor]]] = {"held-out images": (held, same)}
    shown |= {f"blur {sigma}": (held, blurred(sigma)) for sigma in (0.5, 1.0, 2.0)}
    shown |= {f"noise {level}": (held, noisy(level)) for level in (20, 40, 80)}
    shown |= {f"{n} of 10 classes dropped": (without(data.images("test"), n, count), same) for n in (2, 5, 8)}
    training = data.images("train")
    shown["training images"] = (spread(training, count), same)
    shown["one image repeated"] = (SelectedImages(training, torch.zeros(count, dtype=torch.long)), same)
    suffix = "_classifier"
    return {
        name: {score.removesuffix(suffix): value for score, value in scores.of(*of).items()}
        for name, of in shown.items()
    }


def bias(data: ImageData, counts: list[int], images: int, cache_dir: Path) -> Table:
    """Scores of so many unchanged held-out images."""
    found = {}
    for count in counts:
        held = spread(data.images("test"), count)
        scores = prepared(data, FEWER, len(held), images, cache_dir).scores
        values = scores.of(held, same)
        found[f"{len(held):,} images"] = {name.removesuffix("_classifier"): value for name, value in values.items()}
    return found


def as_markdown(table: Table) -> str:
    """A row for each that was scored; a dash where a score is missing."""
    names = list(dict.fromkeys(name for values in table.values() for name in values))
    rows = [["", *names], ["---"] * (1 + len(names))]
    rows += [[row, *(_cell(values, name) for name in names)] for row, values in table.items()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _cell(values: Mapping[str, float], name: str) -> str:
    return f"{values[name]:.3g}" if name in values else "-"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="digits", choices=["digits", "fashion_mnist"])
    parser.add_argument("--count", type=int, default=2000, help="samples, at most")
    settings = parser.parse_args()
    logging.disable(logging.WARNING)
    cache_dir = Path(os.environ.get("GAN_LIGHTNING_CACHE", "~/.cache/gan_lightning")).expanduser()
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", [f"dataset={settings.data}", f"num_fake={settings.count}"])
    data = instantiate(config.dataset)
    print(f"{settings.data}, torch {torch.__version__}, {platform.machine()}, {torch.get_num_threads()} threads\n")
    print(as_markdown(behaviour(data, settings.count, config.metrics.extractor.images, cache_dir)))
    print()
    counts = [count for count in (100, 250, 500, 1000, 2000, 5000, 10000) if count <= len(data.images("test"))]
    print(as_markdown(bias(data, counts, config.metrics.extractor.images, cache_dir)))


if __name__ == "__main__":
    main()
