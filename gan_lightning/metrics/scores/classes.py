"""Which classes samples show, as a classifier that was fitted on the data sees them."""

from abc import abstractmethod
from typing import Any, final

import torch
from torch import Tensor
from torchmetrics import Metric

from gan_lightning.data import listed
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import ENOUGH, Score
from gan_lightning.ranges import Probability

IN_CLASS = 10
"""Images that should be there of a class, on the average."""


@final
class SeenCounts(Metric):
    """How many samples that were asked to show one class show which: sums, which do not grow with the samples.

    Args:
        asked: A, classes that samples are asked for.
        seen: K, classes that may be seen.
        alone: whether `compute` counts the samples of this process only.

    >>> counts = SeenCounts(asked=2, seen=3)
    >>> counts.update(torch.tensor([0, 0, 1]), torch.tensor([[9.0, 0, 0], [0, 0, 9.0], [0, 9.0, 0]]))
    >>> counts.compute()
    tensor([[1, 0, 1],
            [0, 1, 0]])
    """

    full_state_update = False
    counts: Tensor

    def __init__(self, asked: int, seen: int, alone: bool = False) -> None:
        super().__init__(sync_on_compute=not alone)
        self.add_state("counts", torch.zeros(asked, seen, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, asked: Tensor, logits: Tensor) -> None:
        """Count samples by the classes (B,) that they were asked for, and the logits (B, K) of those that are seen."""
        seen = logits.argmax(1).to(self.counts.device)
        self.counts.view(-1).index_add_(0, asked.to(seen.device) * self.counts.shape[1] + seen, torch.ones_like(seen))

    def compute(self) -> Tensor:
        """The numbers (A, K) of samples."""
        return self.counts


class SeenClasses(Score):
    """Looks at the class that the extractor sees in each sample; the classes are those of the data."""

    needs = "logits"

    def lacks(self, real: RealSide) -> str | None:
        if len(real.images.labels.unique()) < 2:
            return "needs labels of two or more classes, and the data have none; leave it out, or choose labelled data"
        if real.network.classes != real.images.label_name:
            return (
                f"needs a network that knows the classes of the data, and extractor={real.network.option} knows others "
                f"({real.network.classes}); choose extractor=classifier, or leave it out"
            )
        fitted, names = list(real.network.class_names), list(real.images.class_names)
        if fitted and fitted != names:
            return (
                f"needs the classes in one order: those of the real images are {listed(names, most=20)}, and the "
                f"classifier was fitted on {listed(fitted, most=20)}; choose metrics.split=train, or leave it out"
            )
        return None

    def enough(self, real: RealSide) -> int:
        return max(ENOUGH, IN_CLASS * real.network.num_logits)

    def begin(self, real: RealSide) -> None:
        self.width = real.network.num_logits
        names = [str(name) for name in real.images.class_names]
        self.names = [*names, *(str(i) for i in range(len(names), self.width))]
        self.real = real.images.labels.cpu().bincount(minlength=self.width)
        self.asked = torch.zeros(1, dtype=torch.long) if real.asked is None else real.asked
        self.counts = SeenCounts(int(self.asked.max()) + 1, self.width, real.alone)

    def reset(self, device: torch.device) -> None:
        self.counts.to(device).reset()
        # torchmetrics computes nothing on a process that has never counted, and the others would wait for it.
        self.update(torch.zeros(0, dtype=torch.long), torch.zeros(0, self.width))

    def update(self, number: Tensor, values: Tensor) -> None:
        self.counts.update(self.asked[number.cpu() % len(self.asked)], values)

    def compute(self) -> float:
        return self.value(self.counts.compute().cpu())

    @abstractmethod
    def value(self, counts: Tensor) -> float:
        """The score, from the numbers (A, K) of all samples that were asked for one class and show another."""


@final
class ClassesReached(SeenClasses):
    """How many classes of the data samples show; `detail` names those that they do not show, the dropped ones.

    Args:
        least: a class is reached if samples show it at least so often, compared with how often the real images have
            it. Above 0, because a classifier also errs.
    """

    higher_is_better = True

    def __init__(self, least: Probability) -> None:
        self.least = least

    def value(self, counts: Tensor) -> float:
        reached = reached_classes(counts.sum(0), self.real, self.least)
        self.detail = {"dropped": [self.names[i] for i in range(self.width) if self.real[i] > 0 and not reached[i]]}
        return float(reached.sum())

    def protocol(self) -> dict[str, Any]:
        return {"classes_reached": {"of": int((self.real > 0).sum()), "least": self.least}}


def reached_classes(seen: Tensor, real: Tensor, least: float) -> Tensor:
    """Whether each class is reached (K,), from the numbers of samples (K,) and of real images (K,) that show it.

    >>> reached_classes(torch.tensor([95, 5, 0]), torch.tensor([400, 400, 200]), 0.1)
    tensor([ True,  True, False])
    """
    expected = real.double() / real.sum() * seen.sum()
    return (real > 0) & (seen > 0) & (seen >= least * expected)


@final
class ClassDivergence(SeenClasses):
    """KL(q, p) in nats of the shares q in which samples show the classes from the shares p in which the data have them.

    0 if they agree; log K if all samples show one of K equally frequent classes. `detail` has the shares q by class.
    """

    higher_is_better = False

    def value(self, counts: Tensor) -> float:
        seen = counts.sum(0)
        shares = (seen.double() / seen.sum()).tolist()
        self.detail = {"shares": dict(zip(self.names, shares, strict=True))}
        return divergence(seen, self.real)


def divergence(seen: Tensor, real: Tensor) -> float:
    """KL(q, p) in nats, from the numbers of samples (K,) and of real images (K,) that show each class.

    A class without a real image counts as half an image.

    >>> round(divergence(torch.tensor([50, 0]), torch.tensor([7, 7])), 4)  # log 2
    0.6931
    """
    q, p = seen.double() / seen.sum(), real.double().clamp(min=0.5)
    return float((torch.xlogy(q, q) - torch.xlogy(q, p / p.sum())).sum())


@final
class ClassAccuracy(SeenClasses):
    """The share of samples in which the classifier sees the class that they were asked to show.

    Real held-out images reach the classifier's own accuracy; a model that ignores its labels guesses.
    """

    higher_is_better = True

    def lacks(self, real: RealSide) -> str | None:
        if real.asked is None and len(real.images.labels.unique()) > 1:
            return "needs one class that each sample was asked to show, and nobody asked for one here; leave it out"
        return super().lacks(real)

    def value(self, counts: Tensor) -> float:
        right, every = counts.diagonal().double(), counts.sum(1)
        asked = every.nonzero().flatten()
        self.detail = {"by_class": {self.names[int(i)]: float(right[i] / every[i]) for i in asked}}
        return float(right.sum() / every.sum())
