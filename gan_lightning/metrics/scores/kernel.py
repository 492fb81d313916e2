"""The kernel distance of samples to a fixed set of real images."""

from typing import Any, final

import torch
from torch import Tensor
from torchmetrics.image.kid import poly_mmd

from gan_lightning.metrics.contracts import Extractor
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import GatheredScore
from gan_lightning.ranges import Count, Several

IMAGES = 10_000  # of either side, at most


@final
class KernelDistance(GatheredScore):
    """KID (Binkowski et al. 2018, arXiv:1801.01401): the squared maximum mean discrepancy of features.

    The kernel is (x . y / F + 1)^3 for F features. The estimate is unbiased, so its expectation does not depend on the
    number of samples, and values below 0 occur near 0, the best. It is the mean over random subsets of both sides,
    always the same ones; `detail` has their standard deviation.

    Args:
        subsets: how many.
        subset_size: images of either side in a subset, drawn without replacement; all of a side that has fewer.

    >>> score = KernelDistance(subsets=1, subset_size=2)
    >>> score.real, score.size = torch.zeros(2, 1), 2  # as `begin` does
    >>> score.value(torch.ones(2, 1))  # 1 + 8 - 2: the kernel is 1 of two real images, 8 of two samples, 1 of both
    7.0
    """

    needs = "features"
    higher_is_better = False

    def __init__(self, subsets: Count, subset_size: Several) -> None:
        self.subsets, self.subset_size = subsets, subset_size

    def fewest(self, extractor: Extractor) -> int:
        return 2

    def begin(self, real: RealSide) -> None:
        self.most = IMAGES
        super().begin(real)
        self.real = real.features(IMAGES)
        self.num_fake = min(real.num_fake, IMAGES)
        self.size = min(self.subset_size, len(self.real), self.num_fake)

    def value(self, rows: Tensor) -> float:
        random = torch.Generator().manual_seed(0)
        real = self.real.to(rows)
        found = []
        for _ in range(self.subsets):
            one, other = (side[torch.randperm(len(side), generator=random)[: self.size]] for side in (real, rows))
            found.append(poly_mmd(one, other))
        values = torch.stack(found)
        self.detail = {"deviation": float(values.std(correction=0))}
        return float(values.mean())

    def protocol(self) -> dict[str, Any]:
        facts = {"num_real": len(self.real), "num_fake": self.num_fake}
        return {"kid": {**facts, "kernel": "(x . y / F + 1)^3", "subsets": self.subsets, "subset_size": self.size}}
