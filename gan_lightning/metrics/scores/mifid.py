"""A Frechet distance that copies of training images do not lower."""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.metrics.contracts import Extractor
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import GatheredScore
from gan_lightning.metrics.scores.frechet import enough_for_moments
from gan_lightning.metrics.scores.gaussians import Gaussian, frechet
from gan_lightning.metrics.scores.neighbours import PART
from gan_lightning.ranges import Positive


@final
class MemorisationFrechet(GatheredScore):
    """MiFID (Bai et al. 2021, arXiv:2106.03062): the Frechet distance to the training images, larger for copies.

    It is divided by how far samples are from their nearest training image, if that is less than `limit`.

    How far is the mean over *samples* of the smallest cosine distance to a training image, as in the authors' program.
    torchmetrics' class of this name averages over real images the distance to the nearest sample, which a generator
    that repeats one training image passes without a penalty.

    Args:
        limit: cosine distance from which on nothing is divided. Kaggle's competition used 0.1 with Inception; in
            features of other networks all images may be nearer. None: half of what held-out images have, and 0.1
            without held-out images.
    """

    needs = "features"
    higher_is_better = False
    compares_with_training = True

    def __init__(self, limit: Positive | None) -> None:
        self.limit = limit

    def lacks(self, real: RealSide) -> str | None:
        missing = "compares samples with the training images, and these are not known here; leave it out"
        return missing if real.training is None else None

    def fewest(self, extractor: Extractor) -> int:
        return extractor.num_features + 1

    def count(self, real: RealSide) -> int:
        return min(real.num_fake, len(real.images if real.training is None else real.training))

    def enough(self, real: RealSide) -> int:
        return enough_for_moments(real)

    def begin(self, real: RealSide) -> None:
        super().begin(real)
        assert real.training is not None
        self.training = real.features_of(real.training)
        self.real = Gaussian.of(self.training.double())
        if self.limit is None:
            held = None if real.held is None else real.features_of(real.held).double()
            self.limit = 0.1 if held is None else cosine_distance(held, self.training.double()) / 2

    def value(self, rows: Tensor) -> float:
        distance = cosine_distance(rows, self.training.to(rows))
        fid = frechet(self.real.to(rows), Gaussian.of(rows))
        self.detail = {"distance": distance, "fid": fid}
        assert self.limit is not None
        return fid / max(distance, 1e-15) if distance < self.limit else fid

    def protocol(self) -> dict[str, Any]:
        return {"num_training": len(self.training), "mifid": {"limit": self.limit}}


def cosine_distance(samples: Tensor, training: Tensor) -> float:
    """The mean over samples (N, D) of the smallest 1 - |cos| to a training row (M, D).

    >>> training = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    >>> cosine_distance(torch.tensor([[5.0, 0.0], [5.0, 0.0]]), training)  # the first one, twice
    0.0
    """
    directions = training / training.norm(dim=1, keepdim=True).clamp(min=1e-15)
    own = samples / samples.norm(dim=1, keepdim=True).clamp(min=1e-15)
    closest = [(part @ directions.T).abs().amax(1) for part in own.split(max(1, PART // len(training)))]
    return float((1 - torch.cat(closest)).clamp(min=0).mean())
