"""Training images, held-out images and copies, and the scores that tell copies from other images."""

from pathlib import Path

import numpy as np
import torch
from extractors import Linear
from torch import Tensor

from gan_lightning.data import ImageData, NoSplitError, Source, TensorImages
from gan_lightning.metrics import (
    Authenticity,
    Copied,
    CopyingTest,
    GenerationScores,
    MemorisationFrechet,
    NearestRatio,
    RealSide,
    Score,
)
from gan_lightning.metrics.image_scores import ImageScores


def gaussian(n: int, seed: int, dimension: int = 16) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((n, dimension)))


def pictures(n: int, seed: int, contrast: int = 200) -> Tensor:
    """Smooth ones, so that they fill few dimensions."""
    coarse = torch.rand(n, 3, 2, 2, generator=torch.Generator().manual_seed(seed))
    smooth = torch.nn.functional.interpolate(coarse, size=(16, 16), mode="bilinear")
    return (28 + contrast * smooth).round().to(torch.uint8)


class Smooth(Source):
    """400 training images and 200 others; or no others."""

    def __init__(self, held: bool = True) -> None:
        self.held = held

    def load(self, split: str, resolution: int) -> TensorImages:
        if split == "test" and not self.held:
            raise NoSplitError("no held-out images")
        return TensorImages(pictures(400 if split == "train" else 200, 0 if split == "train" else 1), {}, None, [])


EVERY: dict[str, Score] = {
    "nn_ratio": NearestRatio(),
    "copied": Copied(0.05),
    "authenticity": Authenticity(),
    "ct": CopyingTest(2),
    "mifid": MemorisationFrechet(0.01),
}


def scored(
    folder: Path, fake: Tensor, batch: int = 64, also_held: int = 0
) -> tuple[dict[str, float], ImageScores, Linear]:
    """Scores by name; so many of the training images are among the held-out ones."""
    extractor = Linear()
    pixels = [pictures(400, 0), torch.cat([pictures(400, 0)[:also_held], pictures(200, 1)[also_held:]])]
    training, held = (TensorImages(images, {}, None, []) for images in pixels)
    extractor.prepare(training, held)
    side = RealSide(training, extractor, len(fake), folder, 0, alone=True, training=training, held=held)
    scores = ImageScores(EVERY, side)
    scores.reset(torch.device("cpu"))
    for number in torch.randperm(len(fake), generator=torch.Generator().manual_seed(batch)).split(batch):
        scores.update(number, fake[number])
    return {name.removesuffix("_linear"): value for name, value in scores.compute().items()}, scores, extractor


def chosen(folder: Path, source: Source, **scores: Score) -> GenerationScores:
    found = GenerationScores(str(folder), "train", 1, 100, None, {**scores}, Linear())
    found.prepare(ImageData(source, resolution=16, batch_size=4, num_fake=100, seed=0))
    return found
