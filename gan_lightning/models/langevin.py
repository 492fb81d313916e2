"""Langevin chains: images that climb a density which is known up to a factor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from gan_lightning.ranges import AtLeastZero, Count, Positive, within

LogDensity = Callable[[Tensor], Tensor]
"""Images (B, C, H, W) to the logarithms of their densities (B,), each up to the same constant."""


@final
@dataclass(frozen=True)
class LangevinChain:
    """Steps x <- x + rate * gradient of log p(x) + noise * n, with n from N(0, I).

    With rate = e^2 / 2 and noise = e this is the unadjusted Langevin algorithm, whose samples follow p as e goes to
    zero: of N(0, I) its samples have the variance 1 / (1 - e^2 / 4). IGEBM (Du & Mordatch 2019, arXiv:1903.08689) and
    JEM (Grathwohl et al. 2020, arXiv:1912.03263) choose a rate that is larger than the noise allows. Their chains then
    sample p^t for a large t, where fewer steps are enough.

    Args:
        steps: of each chain.
        rate: factor of the gradient.
        noise: standard deviation of what is added in each step.
        gradient_bound: each number of the gradient is clipped to at most this size; None leaves it.
        bounded: after each step, clip images to [-1, 1].
    """

    steps: Count
    rate: Positive
    noise: AtLeastZero
    gradient_bound: Positive | None = None
    bounded: bool = True

    def __post_init__(self) -> None:
        within("model.chain.steps", Count, self.steps)
        within("model.chain.rate", Positive, self.rate)
        within("model.chain.noise", AtLeastZero, self.noise)
        if self.gradient_bound is not None:
            within("model.chain.gradient_bound", Positive, self.gradient_bound)

    @torch.enable_grad()
    def __call__(self, log_density: LogDensity, start: Tensor, draw: Callable[[Tensor], Tensor], steps: int) -> Tensor:
        """The ends of chains that begin at `start` (B, C, H, W), without gradient.

        Args:
            log_density: what the chains climb. Its parameters need no gradient.
            start: images.
            draw: standard normal numbers in the shape of its argument.
            steps: how many; in training it is `self.steps`.
        """
        image = start.detach()
        for _ in range(steps):
            image.requires_grad_()
            (slope,) = torch.autograd.grad(log_density(image).sum(), image)
            if self.gradient_bound is not None:
                slope = slope.clamp(-self.gradient_bound, self.gradient_bound)
            image = (image + self.rate * slope + self.noise * draw(image)).detach()
            if self.bounded:
                image = image.clamp(-1, 1)
        return image
