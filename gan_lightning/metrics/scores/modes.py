"""Which modes of a toy mixture a generator covers, and how well."""

import math
from typing import final

import torch
from torch import Tensor
from torchmetrics import Metric

from gan_lightning.batch import Generated
from gan_lightning.compatibility import compare_kind
from gan_lightning.data import ImageData, Mixture, PointData, PointKind, kind_named
from gan_lightning.errors import SettingError
from gan_lightning.metrics.contracts import Scores
from gan_lightning.ranges import Count, Many, within

REACH = 3.0  # standard deviations around a centre: what the literature calls high quality


@final
class ModeCounts(Metric):
    """Samples of high quality at each mode (K,), and all samples; sums, which torchmetrics adds up over processes."""

    full_state_update = False
    at_mode: Tensor
    total: Tensor

    def __init__(self, mixture: Mixture) -> None:
        super().__init__()
        self.mixture = mixture
        self.add_state("at_mode", torch.zeros(len(mixture.centres), dtype=torch.long), dist_reduce_fx="sum")
        self.add_state("total", torch.zeros((), dtype=torch.long), dist_reduce_fx="sum")

    def update(self, points: Tensor) -> None:
        """Count points (B, 2)."""
        distance, mode = self.mixture.nearest(points)
        good = mode[distance <= REACH * self.mixture.std]
        self.at_mode += torch.bincount(good, minlength=len(self.at_mode))
        self.total += len(points)

    def compute(self) -> tuple[Tensor, Tensor]:
        return self.at_mode, self.total


@final
class ModeScores(Scores):
    """Mode coverage of a mixture of K Gaussians, as VEEGAN (arXiv:1705.07761) and PacGAN (arXiv:1712.04086) count it.

    A sample is of high quality if it lies within three standard deviations of the nearest centre, by Euclidean
    distance; of the mixture's own points that are 1 - exp(-4.5), or 98.9 %. The scores:

    - `modes`: how many have at least `min_samples` samples of high quality.
    - `high_quality`: the share of all samples.
    - `reverse_kl`: KL(q, p) in nats, where q and p are the shares that the samples and the mixture have within reach
      of each mode and beyond the reach of all: 0 if they agree, 4.5 if no sample is of high quality, log K + 0.011 if
      all are at one mode. It is a lower bound of the divergence between the distributions themselves (as long as
      modes are more than six standard deviations apart). The literature compares the modes among themselves and
      leaves out what is beyond reach; such a number favours the few good samples of a generator that has hardly
      been trained.

    Args:
        num_fake: generated points per validation, over all processes. The literature: 2,500.
        min_samples: of a mode that counts as caught. The literature: 1.
        monitor: the score that chooses the best checkpoint.
    """

    serves = (Generated,)

    def __init__(self, num_fake: Many, min_samples: Count, monitor: str) -> None:
        self.higher_is_better = {"modes": True, "high_quality": True, "reverse_kl": False}
        for name, value in {"num_fake": num_fake, "min_samples": min_samples}.items():
            within(f"metrics.{name}", Count, value)
        if monitor not in self.higher_is_better:
            raise SettingError(f"metrics.monitor={monitor}: allowed are {', '.join(self.higher_is_better)}")
        self.num_fake, self.min_samples, self.monitor = num_fake, min_samples, monitor

    def prepare(self, data: ImageData | PointData) -> bool:
        counts = "metrics=modes: counts the modes of a toy mixture (dataset=toy_ring, dataset=toy_grid)"
        compare_kind(counts, PointKind.name, kind_named(data.spec().kind), "metrics")
        assert isinstance(data, PointData)
        mixture = data.mixture
        self.counts = ModeCounts(mixture)
        self.protocol = {
            "mixture": type(mixture).__name__,
            "num_modes": len(mixture.centres),
            "std": mixture.std,
            "reach_in_std": REACH,
            "min_samples": self.min_samples,
            "num_fake": self.num_fake,
        }
        return True

    def reset(self, device: torch.device) -> None:
        self.counts.to(device).reset()

    def update(self, samples: Generated) -> None:
        self.counts.update(samples.image.float().flatten(1))

    def compute(self) -> dict[str, float]:
        at_mode, total = self.counts.compute()
        self.detail = {"samples_at_mode": at_mode.tolist()}
        return {
            "modes": float((at_mode >= self.min_samples).sum()),
            "high_quality": float(at_mode.sum() / total),
            "reverse_kl": reverse_kl(at_mode.cpu(), int(total)),
        }


def reverse_kl(at_mode: Tensor, total: int) -> float:
    """KL(q, p) in nats: q from the samples within reach of each mode (K,) among all; p from as many Gaussians.

    >>> one_of_eight = torch.tensor([100, 0, 0, 0, 0, 0, 0, 0])
    >>> round(reverse_kl(one_of_eight, total=100), 3)  # log 8 + 0.011
    2.091
    >>> round(reverse_kl(0 * one_of_eight, total=100), 3)  # no sample is within reach of a mode
    4.5
    """
    beyond = math.exp(-(REACH**2) / 2)  # of a round Gaussian in the plane
    p = torch.tensor([(1 - beyond) / len(at_mode)] * len(at_mode) + [beyond], dtype=torch.float64)
    q = torch.cat([at_mode, total - at_mode.sum(0, keepdim=True)]).double() / total
    return float((torch.xlogy(q, q) - torch.xlogy(q, p)).sum())
