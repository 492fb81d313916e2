"""The Inception score of classified images."""

from typing import Any, final

import numpy as np
import torch
from torch import Tensor
from torchmetrics import Metric

from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import ENOUGH, Score
from gan_lightning.ranges import Count


@final
class SplitSums(Metric):
    """What the Inception score needs of the probabilities p(y|x) of the images x of each split; sums alone, so that
    memory does not grow with the number of images.

    Args:
        splits: S.
        classes: K.
        alone: whether `compute` looks at the images of this process only.

    >>> sums = SplitSums(splits=2, classes=5)
    >>> surely_all_classes, unknown = 100 * torch.eye(5), torch.zeros(5, 5)
    >>> sums.update(torch.arange(10) // 5, torch.cat([surely_all_classes, unknown]))
    >>> sums.compute().round(decimals=4)
    tensor([5., 1.], dtype=torch.float64)
    """

    full_state_update = False
    probability: Tensor
    certainty: Tensor
    count: Tensor

    def __init__(self, splits: int, classes: int, alone: bool = False) -> None:
        super().__init__(sync_on_compute=not alone)
        sizes = {"probability": (splits, classes), "certainty": (splits,), "count": (splits,)}
        for name, size in sizes.items():
            self.add_state(name, torch.zeros(size, dtype=torch.float64), dist_reduce_fx="sum")
        self.set_dtype(torch.float64)

    def update(self, split: Tensor, logits: Tensor) -> None:
        """Count images by their splits (B,) and logits (B, K)."""
        logits = logits.to(self.count)
        split = split.to(logits.device)
        probability = logits.softmax(1)
        self.probability.index_add_(0, split, probability)
        self.certainty.index_add_(0, split, torch.xlogy(probability, probability).sum(1))
        self.count.index_add_(0, split, torch.ones_like(probability[:, 0]))

    def compute(self) -> Tensor:
        """The score (S,) of each split that has images: exp of the mean over x of KL(p(y|x), p(y))."""
        used = self.count > 0
        marginal = self.probability[used] / self.count[used, None]
        divergence = self.certainty[used] / self.count[used] - torch.xlogy(marginal, marginal).sum(1)
        return divergence.exp()


@final
class InceptionScore(Score):
    """IS (Salimans et al. 2016, arXiv:1606.03498), from 1 to the number of classes. Higher is better.

    The images are divided at random, always in the same way, into exactly as many splits as asked for, whose sizes
    differ by one image at most.

    Args:
        splits: parts whose scores are averaged, of at least one sample each.
    """

    needs = "logits"
    higher_is_better = True

    def __init__(self, splits: Count) -> None:
        self.splits = splits

    def enough(self, real: RealSide) -> int:
        # Few images of each class look more certain, and so better, than many: 50,000 in papers, of 1,000 classes.
        return max(ENOUGH, 4 * self.splits * real.network.num_logits)

    def begin(self, real: RealSide) -> None:
        self.classes, self.splits = real.network.classes, min(self.splits, real.num_fake)
        self.split_of = splits_of(real.num_fake, self.splits)
        self.sums = SplitSums(self.splits, real.network.num_logits, real.alone)

    def reset(self, device: torch.device) -> None:
        self.sums.to(device).reset()
        # torchmetrics computes nothing on a process that has never counted, and the others would wait for it.
        self.update(torch.zeros(0, dtype=torch.long), torch.zeros(0, self.sums.probability.shape[1]))

    def update(self, number: Tensor, values: Tensor) -> None:
        self.sums.update(self.split_of[number.cpu() % len(self.split_of)], values)

    def compute(self) -> float:
        return float(self.sums.compute().mean())

    def protocol(self) -> dict[str, Any]:
        return {"classes": self.classes, "is_splits": self.splits}


def splits_of(count: int, splits: int) -> Tensor:
    """The split (N,) of each of `count` images.

    >>> splits_of(7, 3).bincount()
    tensor([2, 2, 3])
    """
    order = np.random.Generator(np.random.Philox(key=[0, count])).permutation(count)
    bounds = torch.tensor([count * split // splits for split in range(1, splits)], dtype=torch.long)
    split_of = torch.empty(count, dtype=torch.long)
    split_of[torch.from_numpy(order)] = torch.bucketize(torch.arange(count), bounds, right=True)
    return split_of
