"""Which classes samples show, as a classifier that was fitted on the data sees them."""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import GatheredScore
from gan_lightning.ranges import Probability


class SeenClasses(GatheredScore):
    """Looks at the class that the extractor sees in each sample; the classes are those of the data."""

    needs = "logits"

    def lacks(self, real: RealSide) -> str | None:
        if len(real.images.labels.unique()) < 2:
            return "needs labels of two or more classes, and the data have none; leave it out, or choose labelled data"
        if real.network.classes != real.images.label_name:
            return (
                f"needs a network that knows the classes of the data, and extractor={real.network.name} knows those of "
                f"{real.network.classes}; choose extractor=classifier, or leave it out"
            )
        return None

    def begin(self, real: RealSide) -> None:
        super().begin(real)
        self.names = [str(name) for name in real.images.class_names]
        self.real = real.images.labels.cpu().bincount(minlength=real.network.num_logits)

    def seen(self, rows: Tensor) -> Tensor:
        """How many samples show each class (K,)."""
        return rows.argmax(1).bincount(minlength=rows.shape[1]).cpu()


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

    def value(self, rows: Tensor) -> float:
        reached = reached_classes(self.seen(rows), self.real, self.least)
        dropped = [i for i in range(len(self.real)) if self.real[i] > 0 and not reached[i]]
        self.detail = {"dropped": [self.names[i] if i < len(self.names) else str(i) for i in dropped]}
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

    def value(self, rows: Tensor) -> float:
        seen = self.seen(rows)
        shares = (seen.double() / seen.sum()).tolist()
        names = [*self.names, *(str(i) for i in range(len(self.names), len(shares)))]
        self.detail = {"shares": dict(zip(names, shares, strict=False))}
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
            return (
                "needs one class as the condition of each sample, and dataset.attributes chooses others; leave it out"
            )
        return super().lacks(real)

    def begin(self, real: RealSide) -> None:
        super().begin(real)
        assert real.asked is not None
        self.asked = real.asked

    def value(self, rows: Tensor) -> float:
        asked = self.asked[torch.arange(len(rows)) % len(self.asked)]
        right = (rows.argmax(1).cpu() == asked).double()
        names = [*self.names, *(str(i) for i in range(len(self.names), rows.shape[1]))]
        self.detail = {"by_class": {names[int(i)]: float(right[asked == i].mean()) for i in asked.unique()}}
        return float(right.mean())
