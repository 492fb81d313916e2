"""Who waits, so that neither a discriminator nor a generator wins at once."""

from collections.abc import Sequence
from typing import NamedTuple, final

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.distributed import average
from gan_lightning.ranges import Positive, within


class Waits(NamedTuple):
    """Whether a player lets an update pass (boolean scalars)."""

    discriminator: Tensor
    generator: Tensor


@final
class BalanceGate:
    """The rule in the code of VAE-GAN's authors (Larsen et al. 2015, arXiv:1512.09300), on the discriminator's
    cross-entropies of real and of generated images.

    The discriminator waits if either is below `equilibrium - margin`, the generator if either is above
    `equilibrium + margin`. If both would wait, neither does. All of it stays on the device.

    Args:
        equilibrium: cross-entropy where D is undecided; log 2 is 0.693, and the authors have 0.68.
        margin: how far from it nobody waits.

    >>> gate = BalanceGate(equilibrium=0.68, margin=0.35)
    >>> gate(torch.tensor([0.2, 0.5])), gate(torch.tensor([0.7, 1.5])), gate(torch.tensor([0.1, 2.0]))
    (Waits(discriminator=tensor(True), generator=tensor(False)), \
Waits(discriminator=tensor(False), generator=tensor(True)), \
Waits(discriminator=tensor(False), generator=tensor(False)))
    """

    def __init__(self, equilibrium: Positive = 0.68, margin: Positive = 0.35) -> None:
        self.equilibrium = within("model.gate.equilibrium", Positive, equilibrium)
        self.margin = within("model.gate.margin", Positive, margin)

    def __call__(self, cross_entropies: Tensor) -> Waits:
        """Who waits, given the cross-entropies (2,) of real and of generated images."""
        weak = (cross_entropies < self.equilibrium - self.margin).any()
        strong = (cross_entropies > self.equilibrium + self.margin).any()
        return Waits(discriminator=weak & ~strong, generator=strong & ~weak)

    @staticmethod
    @torch.no_grad()
    def cross_entropies(on_real: Tensor, on_fake: Tensor) -> Tensor:
        """Of raw logits of real images with the label 1 and of generated ones with the label 0, (2,), in nats."""
        return torch.stack([F.softplus(-on_real.float()).mean(), F.softplus(on_fake.float()).mean()])

    def decide(self, measured: Sequence[Tensor]) -> Waits:
        """The same on all processes, from the cross-entropies (2,) of several batches."""
        mean = torch.stack([*measured]).mean(0)
        average([mean])
        return self(mean)
