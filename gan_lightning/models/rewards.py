"""What a policy that writes sequences is rewarded with: the value of each token."""

from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.distributed import average
from gan_lightning.errors import SettingError
from gan_lightning.networks import SequenceDiscriminator, SequenceGenerator
from gan_lightning.ranges import BelowOne, Few, Probability, within
from gan_lightning.tokens import written


class Reward(nn.Module, ABC):
    """The return of each token: what its sequence is rewarded with from this token on."""

    @abstractmethod
    def check(self, discriminator: SequenceDiscriminator) -> None:
        """Refuse a discriminator whose logits are for something else.

        Raises:
            SettingError: which says what suits.
        """

    @abstractmethod
    def forward(self, token: Tensor, generator: SequenceGenerator, discriminator: SequenceDiscriminator) -> Tensor:
        """Returns (B, T) of the tokens of sequences (B, T) that the generator wrote; called without gradients."""


@final
class RolledOut(Reward):
    """The probability that a sequence is real, of which each token's value is the mean over completions (SeqGAN, Yu et
    al. 2016, arXiv:1609.05473, equation 4): the generator goes on from it `rollouts` times. The last token needs none.

    Args:
        rollouts: completions of each beginning. SeqGAN: 16.

    Raises:
        SettingError: none.
    """

    def __init__(self, rollouts: Few) -> None:
        super().__init__()
        self.rollouts = within("model.reward.rollouts", Few, rollouts)

    def check(self, discriminator: SequenceDiscriminator) -> None:
        if discriminator.judges_tokens:
            raise SettingError(
                "model.reward: completes sequences and asks for one logit of each, but this discriminator has one for "
                "every token; use network=sequence_cnn, or model=scratchgan"
            )

    def forward(self, token: Tensor, generator: SequenceGenerator, discriminator: SequenceDiscriminator) -> Tensor:
        count, length = token.shape
        final = discriminator(token).logits.sigmoid()
        if length == 1:
            return final
        given = token.repeat_interleave(length - 1, 0)
        kept = torch.arange(1, length, device=token.device).repeat(count)
        total = torch.zeros(count, length - 1, device=token.device)
        for _ in range(self.rollouts):
            quantile = torch.rand(count, length - 1, length, device=token.device)
            completed = generator.write(quantile.flatten(0, 1), given, kept)
            total += discriminator(completed).logits.sigmoid().view(count, length - 1)
        return torch.cat([total / self.rollouts, final], 1)


@final
class PerToken(Reward):
    """What the discriminator says of each token, 2 D - 1 in [-1, 1], and of those behind it, discounted (ScratchGAN, de
    Masson d'Autume et al. 2019, arXiv:1905.09922).

    Args:
        discount: factor of the next token's return. ScratchGAN: 0.23.

    Raises:
        SettingError: a discount out of [0, 1].
    """

    def __init__(self, discount: Probability) -> None:
        super().__init__()
        self.discount = within("model.reward.discount", Probability, discount)

    def check(self, discriminator: SequenceDiscriminator) -> None:
        if not discriminator.judges_tokens:
            raise SettingError(
                "model.reward: needs a logit for every token, but this discriminator has one for the sequence; use "
                "network=sequence_rnn, or model=seqgan"
            )

    def forward(self, token: Tensor, generator: SequenceGenerator, discriminator: SequenceDiscriminator) -> Tensor:
        reward = 2 * discriminator(token).logits.sigmoid() - 1
        return discounted(reward * written(token, generator.end), self.discount)


def discounted(reward: Tensor, discount: float) -> Tensor:
    """The sum of the rewards (B, T) from each place on, each later one with another factor `discount`.

    >>> discounted(torch.tensor([[1.0, -1.0, 0.5]]), discount=0.23)
    tensor([[ 0.7965, -0.8850,  0.5000]])
    """
    total, returns = torch.zeros_like(reward[:, 0]), []
    for now in reward.unbind(1)[::-1]:
        total = now + discount * total
        returns.append(total)
    return torch.stack(returns[::-1], 1)


@final
class MovingMean(nn.Module):
    """A running mean of returns, which is subtracted from those of the next batch: the policy's baseline.

    It does not depend on the batch whose gradient it is used for, so it changes the variance of the gradient and not
    its mean.

    Args:
        decay: of the mean, per update. ScratchGAN: 0.08, nearly the mean of the batch before.

    >>> baseline = MovingMean(decay=0.5)
    >>> baseline.observe(torch.tensor([[1.0, 3.0]]), torch.tensor([[True, True]]))
    >>> baseline.value
    tensor(1.)
    """

    value: Tensor

    def __init__(self, decay: BelowOne) -> None:
        super().__init__()
        self.decay = within("model.baseline.decay", BelowOne, decay)
        self.register_buffer("value", torch.zeros(()))

    @torch.no_grad()
    def observe(self, returns: Tensor, chosen: Tensor) -> None:
        """Move towards the mean of the returns (B, T) of tokens that were chosen, (B, T) bool, by all processes."""
        sums = torch.stack([(returns * chosen).sum(), chosen.sum()]).to(self.value.dtype)
        average([sums])
        self.value.lerp_(sums[0] / sums[1], 1 - self.decay)
