"""The Frechet distance of infinitely many samples."""

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.metrics.contracts import Extractor
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import GatheredScore
from gan_lightning.metrics.scores.frechet import enough_for_moments
from gan_lightning.metrics.scores.gaussians import Gaussian, frechet
from gan_lightning.ranges import Several


@final
class FrechetInfinity(GatheredScore):
    """FID at infinite N (Chong and Forsyth 2020, arXiv:1911.07023), extrapolated from FIDs of fewer samples.

    The bias of FID falls like 1/N. The FID of random subsets of the samples, from the fewest to all, is regressed on
    1/N; the value at 0 is the score. What the finite number of *real* images adds stays. Values of different numbers of
    samples can be compared; near 0 the score may be negative.

    Args:
        points: subsets. 15 in the authors' program.
    """

    needs = "features"
    higher_is_better = False

    def __init__(self, points: Several) -> None:
        self.points = points

    def fewest(self, extractor: Extractor) -> int:
        return 4 * extractor.num_features

    def enough(self, real: RealSide) -> int:
        return enough_for_moments(real)

    def begin(self, real: RealSide) -> None:
        super().begin(real)
        self.real = Gaussian.from_sums(real.moments())
        self.smallest = max(2 * real.network.num_features, min(5000, real.num_fake // 10))

    def value(self, rows: Tensor) -> float:
        random = torch.Generator().manual_seed(0)
        real = self.real.to(rows)
        sizes = torch.linspace(self.smallest, len(rows), self.points).long().tolist()
        subsets = (rows[torch.randperm(len(rows), generator=random)[:size].to(rows.device)] for size in sizes)
        values = [frechet(real, Gaussian.of(subset)) for subset in subsets]
        self.detail = {"by_size": dict(zip(map(str, sizes), values, strict=True))}
        return at_infinity(sizes, values)

    def protocol(self) -> dict[str, Any]:
        return {"fid_infinity": {"points": self.points, "smallest": self.smallest}}


def at_infinity(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The value at infinite size of the line a + b / size that fits values best.

    >>> round(at_infinity([100, 200, 400], [3 + 50 / 100, 3 + 50 / 200, 3 + 50 / 400]), 6)
    3.0
    """
    inverse = 1 / torch.tensor(sizes, dtype=torch.float64)
    line = torch.stack([torch.ones_like(inverse), inverse], 1)
    return float(torch.linalg.lstsq(line, torch.tensor(values, dtype=torch.float64)[:, None]).solution[0])
