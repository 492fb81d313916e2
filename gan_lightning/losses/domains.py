"""Whether pictures lie in the domains that they should lie in: StarGAN's second task of the discriminator."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.losses.contracts import Auxiliary
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Few


class Classification(Auxiliary, ABC):
    """A task that also tells the labels of pictures, which are zeros and ones (B, L)."""

    @abstractmethod
    def predicted(self, features: Tensor) -> Tensor:
        """The most likely labels (B, L) for features (B, F)."""


@final
class DomainClassifier(Classification):
    """D tells the label of real pictures, and G makes pictures whose label D tells as wanted (StarGAN,
    arXiv:1711.09020, eq. 2 and 3).

    D: weight * error(D_cls(x), c);  G: weight * error(D_cls(G(x, c')), c').

    A label holds zeros and ones for one or more attributes. An attribute of one number is a yes or no, and its error is
    the binary cross-entropy. An attribute of several numbers has exactly one of several values, and its error is the
    cross-entropy. Each is the mean over the batch, and the errors of all attributes are added. So one attribute of many
    values is the authors' loss for RaFD, and many attributes of one number each are theirs for CelebA, where they sum
    over attributes and divide by the batch.

    Args:
        features: F of the discriminator, filled in by the step.
        sizes: how many numbers of the label each attribute has.
        weight: of the error, in both losses.

    >>> task = DomainClassifier(features=3, sizes=[4, 1])
    >>> _ = nn.init.zeros_(task.head.weight)  # every value is as likely as another
    >>> features, label = torch.ones(2, 3), torch.tensor([[0.0, 1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0]])
    >>> round(task.discriminator_loss(features, features, label).item(), 4)  # log 4 + log 2
    2.0794
    """

    def __init__(self, features: int, sizes: Sequence[Few], weight: AtLeastZero | Ramp = 1.0) -> None:
        super().__init__()
        self.sizes = [*sizes]
        self.head = nn.Linear(features, sum(self.sizes), bias=False)
        self.weight = setting("model.classification.weight", AtLeastZero, weight)

    def discriminator_loss(self, real: Tensor, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        return now(self.weight) * self.error(real, condition)

    def generator_loss(self, real: Tensor | None, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        return now(self.weight) * self.error(fake, condition)

    def error(self, features: Tensor, label: Tensor) -> Tensor:
        """The error (scalar) of the labels that are predicted from features (B, F), given the true labels (B, L)."""
        pairs = zip(self.head(features).split(self.sizes, 1), label.split(self.sizes, 1), strict=True)
        return torch.stack([_error(logits, wanted) for logits, wanted in pairs]).sum()

    def predicted(self, features: Tensor) -> Tensor:
        parts = []
        for logits in self.head(features).split(self.sizes, 1):
            threshold = logits.amax(1, keepdim=True) if logits.shape[1] > 1 else torch.zeros_like(logits)
            parts.append(logits >= threshold)
        return torch.cat(parts, 1).to(features.dtype)


def _error(logits: Tensor, wanted: Tensor) -> Tensor:
    """Of one attribute: (B, 1) for yes or no, otherwise (B, K)."""
    if logits.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(logits, wanted)
    return F.cross_entropy(logits, wanted)
