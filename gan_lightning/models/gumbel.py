"""A generator of sequences that learns through relaxed tokens: the way of gradients where others have rewards.

Before this file: `adversarial_sequences.py`, what models of sequences with a discriminator share.
"""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.batch import Sequences
from gan_lightning.losses import AdversarialLoss
from gan_lightning.models.adversarial_sequences import AdversarialSequences
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.networks import SequenceDiscriminator, SequenceGenerator
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import Count, Positive


@final
class GumbelGAN(AdversarialSequences):
    """A GAN whose generator writes one token after the other by straight-through Gumbel-softmax (Jang et al. 2016,
    arXiv:1611.01144; Kusner & Hernandez-Lobato 2016, arXiv:1611.04051).

    Each token is a sample of its distribution, as a vector with a single 1. Backwards it is a softmax, which has a
    gradient (`straight_through`). The gradient is biased, but needs no reward and has little variance.

    Args:
        generator, discriminator: the networks.
        loss: adversarial objective.
        temperature: of the softmax, or a ramp of it. Small ones have less bias and more variance.
        optimisation: optimizers, schedule, average and budgets.
        critic_steps: updates of the discriminator for each one of the generator.

    Raises:
        SettingError: a number out of its range.
    """

    def __init__(
        self,
        generator: SequenceGenerator,
        discriminator: SequenceDiscriminator,
        loss: AdversarialLoss,
        temperature: Positive | Ramp,
        optimisation: Optimisation,
        critic_steps: Count,
    ) -> None:
        super().__init__(generator, discriminator, loss, optimisation, critic_steps)
        self.temperature = setting("model.temperature", Positive, temperature)

    def step(self, batches: list[Sequences]) -> None:
        self.update("discriminator", (self.discriminator_loss(batch.token) for batch in batches))
        if self.due("discriminator", self.critic_steps):
            self.update("generator", (self.generator_loss(batch.token) for batch in batches))

    def generator_loss(self, real: Tensor) -> Tensor:
        """Make the frozen discriminator take fresh sequences for real."""
        on_fake = self.discriminator(self.fakes(len(real))).logits
        with torch.no_grad():
            on_real = self.discriminator(real).logits if self.loss.needs_real else None
        loss = self.loss.generator(on_fake, on_real)
        self.log_scalars(loss_generator=loss)
        return loss

    def fakes(self, count: int) -> Tensor:
        """Fresh sequences (count, T, V) of vectors with a single 1, through which gradients pass."""
        generator = self.generator
        uniform = torch.rand(count, generator.length, generator.num_tokens, device=self.device)
        before: Any = torch.full((count,), generator.num_tokens, device=self.device)
        ended = torch.zeros(count, 1, dtype=torch.bool, device=self.device)
        state, tokens = None, []
        for place in range(generator.length):
            logits, state = generator.advance(before, state)
            before = straight_through(logits, uniform[:, place], now(self.temperature))
            if generator.end is not None:
                end = torch.arange(generator.num_tokens, device=self.device) == generator.end
                before = torch.where(ended, end.to(before.dtype), before)
                ended = before[:, generator.end, None] == 1
            tokens.append(before)
        return torch.stack(tokens, 1)


def straight_through(logits: Tensor, uniform: Tensor, temperature: float | Tensor) -> Tensor:
    """A sample of softmax(logits) as a vector (B, V) with a single 1, and backwards the gradient of a softmax of
    temperature (arXiv:1611.01144, section 2.2).

    Args:
        logits: (B, V).
        uniform: (B, V), in [0, 1), from which the Gumbel noise -log(-log u) is made.
        temperature: above 0.

    >>> straight_through(torch.tensor([[0.0, 9.0]]), torch.tensor([[0.5, 0.5]]), temperature=1.0)
    tensor([[0., 1.]])
    """
    tiny = torch.finfo(uniform.dtype).tiny
    gumbel = -(-uniform.clamp(min=tiny).log()).clamp(min=tiny).log()
    soft = ((logits + gumbel) / temperature).softmax(1)
    hard = torch.zeros_like(soft).scatter(1, soft.argmax(1, keepdim=True), 1.0)  # one_hot would read the positions
    return hard - soft.detach() + soft if soft.requires_grad else hard
