"""The Inception score of classified images."""

from itertools import pairwise
from typing import Any, final

import numpy as np
import torch
from torch import Tensor

from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import GatheredScore
from gan_lightning.ranges import Count


@final
class InceptionScore(GatheredScore):
    """IS (Salimans et al. 2016, arXiv:1606.03498), from 1 to the number of classes. Higher is better.

    Args:
        splits: parts whose scores are averaged, of at least one sample each; their sizes differ by one at most.
    """

    needs = "logits"
    higher_is_better = True

    def __init__(self, splits: Count) -> None:
        self.splits = splits

    def begin(self, real: RealSide) -> None:
        super().begin(real)
        self.classes, self.splits = real.network.classes, min(self.splits, real.num_fake)

    def value(self, rows: Tensor) -> float:
        return inception_score(rows, self.splits)

    def protocol(self) -> dict[str, Any]:
        return {"classes": self.classes, "is_splits": self.splits}


def inception_score(logits: Tensor, splits: int) -> float:
    """The mean over splits of exp(E KL(p(y|x), p(y))); from 1 to K.

    The images are shuffled, always in the same way, and divided into exactly as many splits as asked for, whose sizes
    differ by one image at most.

    Args:
        logits: (N, K) of images; computed in their precision.
        splits: from 1 to N.

    >>> round(inception_score(100 * torch.eye(5), splits=1), 4)  # five images, surely of five classes
    5.0
    >>> round(inception_score(torch.zeros(5, 5), splits=1), 4)  # every class is equally likely for every image
    1.0
    """
    count = len(logits)
    order = np.random.Generator(np.random.Philox(key=[0, count])).permutation(count)
    probability = logits[torch.from_numpy(order).to(logits.device)].softmax(1)
    bounds = [count * split // splits for split in range(splits + 1)]
    parts = [probability[start:stop] for start, stop in pairwise(bounds)]
    return float(torch.stack([_of_one_split(part) for part in parts]).mean())


def _of_one_split(probability: Tensor) -> Tensor:
    marginal = probability.mean(0, keepdim=True)
    divergence = torch.xlogy(probability, probability) - torch.xlogy(probability, marginal)
    return divergence.sum(1).mean().exp()
