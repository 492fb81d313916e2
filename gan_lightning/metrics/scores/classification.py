"""What a classifier learns from samples alone."""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning import distributed
from gan_lightning.data import TensorImages
from gan_lightning.metrics.extractors.classifier import BATCH, ClassifierExtractor
from gan_lightning.metrics.gathered import Rows
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import ENOUGH, Score
from gan_lightning.ranges import Count, Seed

IN_CLASS = 10
"""Samples that should be there of a class."""


@final
class ClassificationAccuracy(Score):
    """CAS (Ravuri and Vinyals 2019, arXiv:1905.10887): the accuracy on real images of a classifier that was trained on
    samples alone, each labelled with the class that it was asked to show.

    It falls if samples show the wrong class, and if they lack variety. The network is the small one of
    extractor=classifier, not the ResNet-50 of the paper: values compare models of one data set. The same number for
    real images is of a classifier that was trained on half of the held-out images.

    Args:
        images: how many samples (with repetition) the training looks at.
        seed: of initialisation and order.
    """

    needs = "pixels"
    higher_is_better = True
    compares_with_training = True

    def __init__(self, images: Count, seed: Seed) -> None:
        self.images, self.seed = images, seed

    def lacks(self, real: RealSide) -> str | None:
        if real.asked is None:
            return "needs a class of two or more as the condition of each sample, and the data give none; leave it out"
        if real.held is None or list(real.held.class_names) != list(real.images.class_names):
            return "needs held-out images of the same classes, and the data have none; leave it out"
        return None

    def count(self, real: RealSide) -> int:
        return min(real.num_fake, real.num_fake if real.held is None else len(real.held))

    def enough(self, real: RealSide) -> int:
        return max(ENOUGH, IN_CLASS * (1 if real.asked is None else len(real.asked.unique())))

    def begin(self, real: RealSide) -> None:
        assert real.asked is not None
        assert real.held is not None
        self.asked, self.held, self.alone = real.asked, real.held, real.alone
        self.names, self.shape = real.images.class_names, (real.images.channels, *real.images.size)
        self.cache_dir = str(real.cache_dir)
        self.rows = Rows(real.width("pixels"), torch.uint8, real.alone)

    def reset(self, device: torch.device) -> None:
        self.rows.to(device).reset()

    def update(self, number: Tensor, values: Tensor) -> None:
        self.rows.update(number, values.flatten(1))

    def compute(self) -> float:
        rows = self.rows.compute().cpu()
        if self.alone:
            return self._value(rows)
        # One process trains, since another number of threads would end with another network.
        found: float = distributed.gather(self._value(rows) if distributed.is_first() else None)[0]
        return found

    def _value(self, rows: Tensor) -> float:
        asked = self.asked[torch.arange(len(rows)) % len(self.asked)]
        samples = TensorImages(rows.clone().view(-1, *self.shape), {"label": asked}, "label", self.names)
        network = ClassifierExtractor(self.cache_dir, self.images, self.seed)
        network.fit(samples)
        right = []
        for part in torch.arange(len(self.held)).split(BATCH):
            seen = network.attributes(self.held.pixels(part.tolist()))["label"]
            right.append(seen == self.held.labels[part])
        return float(torch.cat(right).double().mean())

    def protocol(self) -> dict[str, Any]:
        facts = {"network": "that of extractor=classifier", "images": self.images, "num_held_out": len(self.held)}
        return {"cas": facts}
