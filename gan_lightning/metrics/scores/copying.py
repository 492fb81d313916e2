"""A statistical test whether samples lie nearer to training images than held-out images do."""

import math
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import ENOUGH
from gan_lightning.metrics.scores.memorisation import HeldOutScore
from gan_lightning.metrics.scores.neighbours import nearest
from gan_lightning.ranges import Count

DIMENSIONS = 64
LEAST = 20
"""Samples that a cell needs to count."""
ROUNDS = 100


@final
class CopyingTest(HeldOutScore):
    """C_T (Meehan et al. 2020, arXiv:2004.05675): a z-score of distances to the nearest training image.

    The space of features is divided into cells. In each, the distances of samples are compared with those of held-out
    images by the Mann-Whitney U test; C_T is the mean of the z-scores, weighted by the held-out images of each cell.
    Well below 0 (-3, say) samples are copies; about 0 they are as far as other real images; well above 0 they are
    farther away than these, because the model does not fit. `detail` has the z-score of each cell: a model that copies
    some images and misses others may be near 0 on the average.

    Features of more than 64 dimensions are projected on the 64 principal ones of the training images.

    Args:
        cells: of k-means on the training images. 3 in dgm-eval (arXiv:2306.04675).
    """

    def __init__(self, cells: Count) -> None:
        self.cells = cells

    def enough(self, real: RealSide) -> int:
        return max(ENOUGH, 2 * LEAST * self.cells)  # cells differ in size

    def value(self, rows: Tensor) -> float:
        training, held = self.training.to(rows), self.held.to(rows)
        if rows.shape[1] > DIMENSIONS:
            mean = training.mean(0)
            axes = torch.linalg.eigh(training.T.cov()).eigenvectors[:, -DIMENSIONS:]
            training, held, rows = ((side - mean) @ axes for side in (training, held, rows))
        centres = k_means(training, self.cells)
        cell_of = [nearest(side, centres).position for side in (training, held, rows)]
        scores: list[float | None] = []
        shares: list[int] = []
        for cell in range(len(centres)):
            near, others, samples = (side[of == cell] for side, of in zip((training, held, rows), cell_of, strict=True))
            counts = len(others) > 0 and len(samples) >= LEAST
            scores.append(z_score(nearest(samples, near).distance, nearest(others, near).distance) if counts else None)
            shares.append(len(others))
        self.detail = {"cells": scores}
        counted = [(score, share) for score, share in zip(scores, shares, strict=True) if score is not None]
        return sum(z * share for z, share in counted) / max(1, sum(share for _, share in counted))

    def protocol(self) -> dict[str, Any]:
        return {**super().protocol(), "ct": {"cells": self.cells, "dimensions": DIMENSIONS, "samples_per_cell": LEAST}}


def z_score(samples: Tensor, others: Tensor) -> float:
    """How much larger the numbers (N,) of samples are than others (M,), by the Mann-Whitney U test, about N(0, 1) if
    both are of one kind.

    >>> round(z_score(torch.arange(30.0), torch.arange(30.0)), 2)
    0.01
    >>> z_score(torch.arange(30.0), torch.arange(30.0) + 100) < -6
    True
    """
    n, m = len(samples), len(others)
    ordered = others.sort().values
    below = torch.searchsorted(ordered, samples, right=False) + torch.searchsorted(ordered, samples, right=True)
    u = float(below.double().sum()) / 2
    return (u - (n * m / 2 - 0.5)) / math.sqrt(n * m * (n + m + 1) / 12)


def k_means(rows: Tensor, count: int) -> Tensor:
    """Centres (K, D) of clusters of rows (N, D), always the same; begun as k-means++ does (Arthur, Vassilvitskii 2007).

    >>> k_means(torch.tensor([[0.0], [1.0], [10.0], [11.0]]), 2).sort(0).values.flatten().tolist()
    [0.5, 10.5]
    """
    random = torch.Generator().manual_seed(0)
    centres = rows[torch.randint(len(rows), (1,), generator=random)]
    for _ in range(1, min(count, len(rows))):
        chances = nearest(rows, centres).distance.square().cumsum(0)
        drawn = torch.rand(1, generator=random, dtype=chances.dtype).to(chances) * chances[-1]
        centres = torch.cat([centres, rows[torch.searchsorted(chances, drawn).clamp(max=len(rows) - 1)]])
    last = torch.full((len(rows),), -1, device=rows.device)
    for _ in range(ROUNDS):
        position = nearest(rows, centres).position
        if torch.equal(position, last):
            break
        last = position
        total = torch.zeros_like(centres).index_add_(0, position, rows)
        sizes = position.bincount(minlength=len(centres))
        centres = torch.where(sizes[:, None] > 0, total / sizes.clamp(min=1)[:, None], centres)
    return centres
