"""Whether samples are copies of training images: their nearest training images, beside those of held-out images."""

import math
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import ENOUGH, GatheredScore
from gan_lightning.metrics.scores.neighbours import Nearest, nearest, nearest_other
from gan_lightning.ranges import Probability

ROUNDING = 1e-5
"""Share of the length of features, below which a distance of two is none: they are computed with seven digits."""


class TrainingScore(GatheredScore):
    """Looks at the nearest of all training images to each sample. It detects copies, but a good value says nothing
    about quality: noise has one too."""

    needs = "features"
    higher_is_better = True
    chooses = False
    compares_with_training = True

    def lacks(self, real: RealSide) -> str | None:
        if real.training is None:
            return "compares samples with the training images, and these are not known here; leave it out"
        return None

    def count(self, real: RealSide) -> int:
        return min(real.num_fake, real.num_fake if real.training is None else len(real.training))

    def begin(self, real: RealSide) -> None:
        super().begin(real)
        assert real.training is not None
        self.training = real.features_of(real.training)

    def nearest(self, rows: Tensor) -> Nearest:
        """The nearest training image to each sample."""
        found: Nearest = self.once("nearest training", lambda: nearest(rows, self.training.to(rows)))
        return found

    def protocol(self) -> dict[str, Any]:
        return {"num_training": len(self.training)}


class HeldOutScore(TrainingScore):
    """Compares the distances from samples to their nearest training images with those from held-out images."""

    def lacks(self, real: RealSide) -> str | None:
        if real.held is None:
            return (
                "compares samples with held-out images, and the data have no second split; choose data with a test "
                "split, or authenticity, which needs none"
            )
        return super().lacks(real)

    def count(self, real: RealSide) -> int:
        return min(super().count(real), real.num_fake if real.held is None else len(real.held))

    def begin(self, real: RealSide) -> None:
        super().begin(real)
        assert real.held is not None
        self.held = real.features_of(real.held)

    def nearest_to_held(self, rows: Tensor) -> Tensor:
        """The distances (H,) from held-out images to their nearest training images, where `rows` are."""
        make = lambda: nearest(self.held.to(rows), self.training.to(rows)).distance  # noqa: E731
        found: Tensor = self.once("nearest training of held-out images", make)
        return found

    def protocol(self) -> dict[str, Any]:
        return {**super().protocol(), "num_held_out": len(self.held)}


@final
class NearestRatio(HeldOutScore):
    """The median distance from samples to their nearest training image, divided by that from held-out images.

    1 for a perfect generator, 0 for one that copies; above 1 for samples that are far from all real images.
    """

    def value(self, rows: Tensor) -> float:
        return float(self.nearest(rows).distance.median() / self.nearest_to_held(rows).median())


@final
class Copied(HeldOutScore):
    """The share of samples that are nearer to a training image than nearly all held-out images are.

    A perfect generator reaches `share`; a generator of which every second sample is a copy, one half.

    Args:
        share: of held-out images that are as near.
    """

    higher_is_better = False

    def __init__(self, share: Probability) -> None:
        self.share = share

    def enough(self, real: RealSide) -> int:
        return max(ENOUGH, math.ceil(1 / self.share)) if self.share else ENOUGH  # of which one is as near

    def value(self, rows: Tensor) -> float:
        limit = torch.quantile(self.nearest_to_held(rows), self.share)
        # Of held-out images that are training images too, distances are rounding errors, and so is the limit.
        rounding = ROUNDING * float(self.training.norm(dim=1).mean())
        return float((self.nearest(rows).distance <= limit + rounding).double().mean())

    def protocol(self) -> dict[str, Any]:
        return {**super().protocol(), "copied": {"as_near_as_share_of_held_out": self.share}}


@final
class Authenticity(TrainingScore):
    """AuthPct (Alaa et al. 2022, arXiv:2102.08921): the percentage of samples that are authentic.

    A sample is authentic if its nearest training image is nearer to another training image than to the sample. Copies
    score 0. Real held-out images do not score 100, but between 60 and 90; too diverse or noisy samples score more.
    """

    def value(self, rows: Tensor) -> float:
        return authenticity(self.nearest(rows), self.training.to(rows))


def authenticity(found: Nearest, training: Tensor) -> float:
    """The percentage of samples farther from their nearest training row (N, D) than this row is from other such rows.

    >>> training = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
    >>> samples = torch.tensor([[0.1], [3.0]], dtype=torch.float64)  # one nearly a copy of 0, one 2 away from 1
    >>> authenticity(nearest(samples, training), training)
    50.0
    """
    hit, which = found.position.unique(return_inverse=True)
    others = nearest_other(hit, training)
    return 100 * float((found.distance > others[which]).double().mean())
