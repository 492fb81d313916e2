"""Penalties on the critic's gradient with respect to its input, always computed in at least float32.

Compiled graphs cannot be differentiated twice. Autocast is off here: gradients of gradients leave the range of float16,
and torch computes wrong ones in bfloat16 on processors with AMX, for many batches of fewer than 16 images
(docs/performance.md).
"""

from typing import final

import torch
from torch import Tensor

from gan_lightning import distributed
from gan_lightning.losses.contracts import Critic, Penalty
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Count, Positive, within


def _squared_gradient_norm(critic: Critic, image: Tensor) -> Tensor:
    """|| d critic / d image ||^2 per image (B,), differentiable with respect to the critic's parameters."""
    with torch.autocast(image.device.type, enabled=False):
        image = image.detach().to(torch.promote_types(image.dtype, torch.float32)).requires_grad_()
        (gradient,) = torch.autograd.grad(critic(image).sum(), image, create_graph=True)
    return gradient.flatten(1).square().sum(1)


def _gradient_norm(critic: Critic, image: Tensor) -> Tensor:
    """|| d critic / d image || per image (B,), differentiable with respect to the critic's parameters."""
    # The square root's slope is infinite at zero; the lower bound keeps the gradient of a flat critic finite.
    return _squared_gradient_norm(critic, image).clamp_min(1e-24).sqrt()


@final
class GradientPenalty(Penalty):
    """WGAN-GP (Gulrajani et al. 2017, arXiv:1704.00028, eq. 3).

    weight * E (|| grad D(u) ||_2 - 1)^2, where u = e x + (1 - e) x' lies on the straight line between a
    real and a generated image and e ~ U[0, 1] is drawn per pair.

    One-sided, weight * E max(0, || grad D(u) ||_2 - 1)^2: slopes below one are allowed (the paper's section 4
    names it and prefers two sides; Petzka et al. 2017, arXiv:1709.08894, argue for one).

    With a `target` t other than one, weight / t^2 * E (|| grad D(u) ||_2 - t)^2, as in the code of progressive growing
    (Karras et al. 2017, arXiv:1710.10196).

    >>> real, fake = torch.ones(8, 1, 2, 2), -torch.ones(8, 1, 2, 2)
    >>> critic = lambda image: 2 * image.sum((1, 2, 3))  # four pixels of slope 2: the gradient's norm is 4
    >>> GradientPenalty(weight=10)(critic, real, fake, critic(real), critic(fake)).item()  # 10 (4 - 1)^2
    90.0
    >>> gentle = lambda image: critic(image) / 8  # norm 1/2
    >>> GradientPenalty(weight=10)(gentle, real, fake, gentle(real), gentle(fake)).item()  # 10 (1/2 - 1)^2
    2.5
    >>> GradientPenalty(weight=10, one_sided=True)(gentle, real, fake, gentle(real), gentle(fake)).item()
    0.0
    >>> GradientPenalty(weight=10, target=2)(critic, real, fake, critic(real), critic(fake)).item()  # 10 / 4 (4 - 2)^2
    10.0
    """

    per_sample = True
    limits_slope = True

    def __init__(
        self, weight: AtLeastZero | Ramp = 10.0, every: Count = 1, one_sided: bool = False, target: Positive = 1.0
    ) -> None:
        super().__init__(every)
        self.weight = setting("penalty.*.weight", AtLeastZero, weight)
        self.target = within("penalty.*.target", Positive, target)
        self.one_sided = one_sided
        self.asks_slope_one = not one_sided

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        epsilon = torch.rand(len(real), 1, 1, 1, device=real.device)
        between = epsilon * real + (1 - epsilon) * fake
        excess = _gradient_norm(critic, between) / self.target - 1
        if self.one_sided:
            excess = excess.clamp_min(0)
        return now(self.weight) * excess.square().mean()


@final
class DRAGAN(Penalty):
    """Around real images (Kodali et al. 2017, arXiv:1705.07215).

    weight * E (|| grad D(x + d) ||_2 - 1)^2, with d = scale * std(x) * u and u ~ U[0, 1] per number of an image, as in
    the authors' code; the paper has normal noise. The penalty acts at x + d, as in the paper, and not somewhere between
    x and x + d, as in the code. std(x) is that of all numbers of the batch, over all processes. The paper: weight 10
    and scale 0.5.

    >>> real, fake = torch.ones(8, 1, 2, 2), -torch.ones(8, 1, 2, 2)
    >>> critic = lambda image: 2 * image.sum((1, 2, 3))  # four pixels of slope 2: the gradient's norm is 4
    >>> DRAGAN(weight=10)(critic, real, fake, critic(real), critic(fake)).item()  # 10 (4 - 1)^2
    90.0
    """

    per_sample = True
    limits_slope = True
    asks_slope_one = True

    def __init__(self, weight: AtLeastZero | Ramp = 10.0, scale: AtLeastZero = 0.5, every: Count = 1) -> None:
        super().__init__(every)
        self.weight = setting("penalty.*.weight", AtLeastZero, weight)
        self.scale = within("penalty.*.scale", AtLeastZero, scale)

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        mean, mean_square = distributed.mean(torch.stack([real.mean(), real.square().mean()]))
        deviation = (mean_square - mean.square()).clamp_min(0).sqrt()
        around = real + self.scale * deviation * torch.rand_like(real)
        return now(self.weight) * (_gradient_norm(critic, around) - 1).square().mean()


@final
class R1(Penalty):
    """Zero-centred gradient penalty on real images (Mescheder et al. 2018, arXiv:1801.04406, eq. 9).

    gamma / 2 * E || grad D(x) ||^2. Implementations that quote "r1 = 10" without the half mean gamma = 20.

    >>> real, fake = torch.ones(8, 1, 2, 2), torch.full((8, 1, 2, 2), 2.0)
    >>> critic = lambda image: image.square().sum((1, 2, 3)) / 2  # its gradient is the image
    >>> R1(gamma=10)(critic, real, fake, critic(real), critic(fake)).item()  # 10/2 of 1 + 1 + 1 + 1
    20.0
    """

    per_sample = True
    limits_slope = True

    def __init__(self, gamma: AtLeastZero | Ramp = 10.0, every: Count = 1) -> None:
        super().__init__(every)
        self.gamma = setting("penalty.*.gamma", AtLeastZero, gamma)

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return now(self.gamma) / 2 * _squared_gradient_norm(critic, real).mean()


@final
class R2(Penalty):
    """Zero-centred gradient penalty on generated images (Mescheder et al. 2018, arXiv:1801.04406, eq. 10).

    gamma / 2 * E || grad D(x') ||^2, with the same half as `R1`.

    >>> real, fake = torch.ones(8, 1, 2, 2), torch.full((8, 1, 2, 2), 2.0)
    >>> critic = lambda image: image.square().sum((1, 2, 3)) / 2  # its gradient is the image
    >>> R2(gamma=10)(critic, real, fake, critic(real), critic(fake)).item()  # 10/2 of 4 + 4 + 4 + 4
    80.0
    """

    per_sample = True
    limits_slope = True

    def __init__(self, gamma: AtLeastZero | Ramp = 10.0, every: Count = 1) -> None:
        super().__init__(every)
        self.gamma = setting("penalty.*.gamma", AtLeastZero, gamma)

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return now(self.gamma) / 2 * _squared_gradient_norm(critic, fake).mean()
