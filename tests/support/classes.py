"""Images whose brightest channel is their class, and the scores of classes on them."""

from pathlib import Path

import torch
from extractors import Linear
from torch import Tensor

from gan_lightning.batch import Generated
from gan_lightning.data import ImageData, Source, TensorImages
from gan_lightning.metrics import ClassAccuracy, ClassDivergence, ClassesReached, GenerationScores, IntraFrechet, Score

NAMES = ["red", "green", "blue"]


def coloured(label: Tensor, seed: int) -> Tensor:
    """Noise whose brightest channel is the class."""
    images = torch.randint(150, (len(label), 3, 16, 16), generator=torch.Generator().manual_seed(seed))
    images[torch.arange(len(label)), label] += 100
    return images.to(torch.uint8)


class Coloured(Source):
    """Half of the images are red, 3 of 10 green, the others blue; or all of them without a class."""

    def __init__(self, labelled: bool = True) -> None:
        self.labelled = labelled

    def load(self, split: str, resolution: int) -> TensorImages:
        label = torch.tensor([0, 0, 0, 0, 0, 1, 1, 1, 2, 2]).repeat(20)
        pixels = coloured(label, 0 if split == "train" else 1)
        return (
            TensorImages(pixels, {"label": label}, "label", NAMES)
            if self.labelled
            else TensorImages(pixels, {}, None, [])
        )


EVERY: dict[str, Score] = {
    "reached": ClassesReached(0.1),
    "kl": ClassDivergence(),
    "accuracy": ClassAccuracy(),
    "intra_fid": IntraFrechet(),
}


def prepared(folder: Path, scores: dict[str, Score], extractor: Linear, labelled: bool = True, n: int = 200) -> tuple:
    data = ImageData(Coloured(labelled), resolution=16, batch_size=4, num_fake=n, seed=0, evaluation_batch_size=64)
    made = GenerationScores(str(folder), "train", 1, n, None, scores, extractor)
    made.prepare(data)
    return made, data


def scored(made: GenerationScores, data: ImageData, shown: dict[int, int], batch: int = 64) -> dict[str, float]:
    """Of samples that show `shown[label]` where they were asked for `label`."""
    made.reset(torch.device("cpu"))
    data.trainer = None
    asked = torch.cat([query.condition for query in ImageData.val_dataloader(data).dataset])
    image = coloured(torch.tensor([shown[int(label)] for label in asked]), 5).float() / 127.5 - 1
    for number in torch.arange(len(asked)).split(batch):
        made.update(Generated(number, image[number], asked[number]))
    return {name.removesuffix("_brightest"): value for name, value in made.compute().items()}
