"""Distances between an output and its target."""

from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.losses.contracts import Reconstruction
from gan_lightning.ramps import now
from gan_lightning.ranges import Positive, within


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


@final
class Gaussian(Reconstruction):
    """Minus the logarithm of the density N(output, sigma^2 I) at the target, without its constant: the **sum** over
    channels and pixels of (output - target)^2 / (2 sigma^2), the mean over the batch (arXiv:1312.6114, appendix C.2).

    A mean over pixels in its place would make the divergence from the prior as many times heavier as an image has
    numbers.

    Args:
        sigma: standard deviation of a number of an image, in units of its range [-1, 1].

    >>> Gaussian(sigma=0.5)(torch.ones(2, 1, 2, 2), torch.zeros(2, 1, 2, 2))  # 4 / (2 / 4)
    tensor(8.)
    """

    def __init__(self, sigma: Positive) -> None:
        super().__init__(0.5 / within("model.reconstruction.sigma", Positive, sigma) ** 2)

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        # Half precision would lose digits of a large sum.
        exact = torch.promote_types(output.dtype, torch.float32)
        return now(self.weight) * (output.to(exact) - target.to(exact)).square().sum() / len(output)


@final
class Bernoulli(Reconstruction):
    """Minus the logarithm of the probability of the target, a grey level between black, -1, and white, 1, as the
    probability of white: the **sum** of the cross-entropies over channels and pixels, the mean over the batch
    (arXiv:1312.6114, appendix C.1, for images that are nearly black and white, such as MNIST).

    >>> Bernoulli()(torch.zeros(2, 1, 2, 2), torch.ones(2, 1, 2, 2))  # 4 log 2
    tensor(2.7726)
    """

    def __init__(self) -> None:
        super().__init__(1.0)

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        exact = torch.promote_types(output.dtype, torch.float32)
        share, white = ((image.to(exact) + 1) / 2 for image in (output, target))
        share = share.clamp(1e-6, 1 - 1e-6)  # tanh rounds to 1, whose logarithm's gradient is infinite
        terms = white * share.log() + (1 - white) * (1 - share).log()
        return -now(self.weight) * terms.sum() / len(output)
