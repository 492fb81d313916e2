"""Distances between an output and its target."""

from typing import final

from torch import Tensor
from torch.nn import functional as F

from gan_lightning.losses.contracts import Reconstruction
from gan_lightning.ramps import now


@final
class L1(Reconstruction):
    """weight * E |output - target|: Pix2Pix (arXiv:1611.07004, eq. 3), CycleGAN (arXiv:1703.10593, eq. 2).

    >>> L1(weight=100)(torch.tensor([0.0, 0.5]), torch.zeros(2))
    tensor(25.)
    """

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        return now(self.weight) * F.l1_loss(output, target)


@final
class L2(Reconstruction):
    """weight * E (output - target)^2: DiscoGAN (arXiv:1703.05192, eq. 3).

    >>> L2(weight=100)(torch.tensor([0.0, 0.5]), torch.zeros(2))
    tensor(12.5000)
    """

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        return now(self.weight) * F.mse_loss(output, target)
