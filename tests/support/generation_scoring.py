"""Scores of images from noise on made-up data, for the tests of several scores."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_lightning.batch import Generated
from gan_lightning.data import Draw, Fake, ImageData
from gan_lightning.metrics import Extractor, GenerationScores
from gan_lightning.metrics.contracts import quantise


def data(num_classes: int = 5, size: int = 300, num_fake: int = 200) -> ImageData:
    source = Fake(size, 3, num_classes)
    return ImageData(source, resolution=16, batch_size=4, num_fake=num_fake, seed=0, evaluation_batch_size=64)


def prepared(tmp_path: Path, extractor: Extractor, is_splits: int = 1, num_fake: int = 200) -> GenerationScores:
    name = extractor.name
    scores = GenerationScores(str(tmp_path), "train", is_splits, num_fake, f"fid_{name}", extractor=extractor)
    assert scores.prepare(data(num_fake=num_fake))
    return scores


def fakes(n: int = 200) -> Tensor:
    return torch.rand(n, 3, 16, 16, generator=torch.Generator().manual_seed(5)) * 1.6 - 0.8


def scored(scores: GenerationScores, images: Tensor, batch: int) -> dict[str, float]:
    scores.reset(torch.device("cpu"))
    for number, part in zip(torch.arange(len(images)).split(batch), images.split(batch), strict=True):
        scores.update(Generated(number, part, torch.zeros(len(part), dtype=torch.long)))
    return scores.compute()


def everything(data: ImageData, split: str) -> Tensor:
    """All images of a split, in order."""
    images = data.images(split)
    return images[Draw(list(range(len(images))), 0)].image


def features_of(extractor: Extractor, images: Tensor) -> tuple[np.ndarray, np.ndarray]:
    found = extractor(quantise(images))
    return found.features.double().numpy(), found.logits.double().numpy()
