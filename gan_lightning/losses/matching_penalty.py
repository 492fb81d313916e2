"""A penalty on the critic's gradient with respect to images and conditions at once."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.losses.contracts import ConditionalCritic, Critic, Penalty
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Count, Positive, within


@final
class MatchingAware(Penalty):
    """Matching-aware zero-centred gradient penalty (DF-GAN, Tao et al. 2020, arXiv:2008.05865): around real images
    with their own captions the critic should be flat, in the image and in the caption's vector. As in the authors'
    code, one norm of both gradients together; eq. 2 of the paper adds two norms.

    weight * E (|| grad_x D ||^2 + || grad_c D ||^2)^(power / 2). The gradient does not pass on to whatever made c.

    Args:
        weight: k in the paper (2).
        power: p in the paper (6).

    >>> real, c = torch.ones(4, 1, 2, 2), torch.ones(4, 3)
    >>> critic = ConditionalCritic(lambda image, c: image.sum((1, 2, 3)) + 2 * c[:, 0], c)
    >>> MatchingAware()(critic, real, real, critic(real), critic(real)).item()  # 2 (4 + 4)^3
    1024.0
    """

    per_sample = True
    limits_slope = True
    needs_vectors = True

    def __init__(self, weight: AtLeastZero | Ramp = 2.0, power: Positive = 6.0, every: Count = 1) -> None:
        super().__init__(every)
        self.weight = setting("penalty.matching_aware.weight", AtLeastZero, weight)
        self.power = within("penalty.matching_aware.power", Positive, power)

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        assert isinstance(critic, ConditionalCritic)  # `compatibility.compare` has seen to that
        with torch.autocast(real.device.type, enabled=False):
            exact = [
                value.detach().to(torch.promote_types(value.dtype, torch.float32)).requires_grad_()
                for value in (real, critic.condition)
            ]
            slopes = torch.autograd.grad(critic.score(*exact).sum(), exact, create_graph=True)
        squared = torch.cat([slope.flatten(1) for slope in slopes], 1).square().sum(1)
        return now(self.weight) * squared.pow(self.power / 2).mean()
