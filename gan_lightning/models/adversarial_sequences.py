"""What models of sequences with a discriminator share, however the generator learns from it.

Before this file: `sequences.py`, what models of sequences share. After it: `policy_gradient.py` and `gumbel.py`, two
ways from the discriminator to the generator.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from gan_lightning.contracts import check_contract
from gan_lightning.losses import AdversarialLoss
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.models.players import Player
from gan_lightning.models.sequences import SequenceModel
from gan_lightning.networks import SequenceDiscriminator, SequenceGenerator
from gan_lightning.networks.dry_run import check_reading
from gan_lightning.ranges import Count, within


class AdversarialSequences(SequenceModel, ABC):
    """A generator of sequences, and a discriminator that tells them from real ones.

    Args:
        generator, discriminator: the networks.
        loss: adversarial objective.
        optimisation: optimizers, schedule, average and budgets.
        critic_steps: updates of the discriminator for each one of the generator.
    """

    def __init__(
        self,
        generator: SequenceGenerator,
        discriminator: SequenceDiscriminator,
        loss: AdversarialLoss,
        optimisation: Optimisation,
        critic_steps: Count,
    ) -> None:
        super().__init__(generator, optimisation)
        check_contract("model.discriminator", discriminator, SequenceDiscriminator)
        check_contract("loss", loss, AdversarialLoss)
        self.discriminator, self.loss = discriminator, loss
        self.critic_steps = within("model.critic_steps", Count, critic_steps)
        place = "model.optimisation.discriminator"
        self.add_player("discriminator", Player(discriminator, optimisation.discriminator, place))

    @abstractmethod
    def fakes(self, count: int) -> Tensor:
        """Fresh sequences as the discriminator reads them: tokens (count, T), or vectors (count, T, V)."""

    @property
    def windows_per_round(self) -> int:
        return self.critic_steps

    def check(self, token: Tensor) -> None:
        check_reading("network.sequence_discriminator", self.discriminator, token)

    def discriminator_loss(self, real: Tensor) -> Tensor:
        """Tell real sequences (B, T) from generated ones."""
        with torch.no_grad():
            fake = self.fakes(len(real))
        on_real, on_fake = self.discriminator(real).logits, self.discriminator(fake).logits
        loss = self.loss.discriminator(on_real, on_fake)
        self.log_scalars(loss_discriminator=loss, logit_real=on_real.mean(), logit_fake=on_fake.mean())
        return loss
