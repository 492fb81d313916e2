"""Penalties on the critic's gradient with respect to its input, always computed in at least float32.

Double backward does not pass through compiled graphs, and half precision loses the small differences
that the norm is made of, so autocast is off inside.
"""

from typing import final

import torch
from torch import Tensor

from gan_lightning.losses.contracts import Critic, Penalty


def _squared_gradient_norm(critic: Critic, image: Tensor) -> Tensor:
    """|| d critic / d image ||^2 per image (B,), differentiable with respect to the critic's parameters."""
    with torch.autocast(image.device.type, enabled=False):
        image = image.detach().to(torch.promote_types(image.dtype, torch.float32)).requires_grad_()
        (gradient,) = torch.autograd.grad(critic(image).sum(), image, create_graph=True)
    return gradient.flatten(1).square().sum(1)


@final
class GradientPenalty(Penalty):
    """WGAN-GP (Gulrajani et al. 2017, arXiv:1704.00028, eq. 3).

    weight * E (|| grad D(u) ||_2 - 1)^2, where u = e x + (1 - e) x' lies on the straight line between a
    real and a generated image and e ~ U[0, 1] is drawn per pair.
    """

    per_sample = True

    def __init__(self, weight: float = 10.0, every: int = 1) -> None:
        super().__init__(every)
        self.weight = weight

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        epsilon = torch.rand(len(real), 1, 1, 1, device=real.device)
        between = epsilon * real + (1 - epsilon) * fake
        # The square root's slope is infinite at zero; the floor keeps a flat critic's gradient finite.
        norm = _squared_gradient_norm(critic, between).clamp_min(1e-24).sqrt()
        return self.weight * (norm - 1).square().mean()


@final
class R1(Penalty):
    """Zero-centred gradient penalty on real images (Mescheder et al. 2018, arXiv:1801.04406, eq. 9).

    gamma / 2 * E || grad D(x) ||^2. Implementations that quote "r1 = 10" without the half mean gamma = 20.
    """

    per_sample = True

    def __init__(self, gamma: float = 10.0, every: int = 1) -> None:
        super().__init__(every)
        self.gamma = gamma

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return self.gamma / 2 * _squared_gradient_norm(critic, real).mean()
