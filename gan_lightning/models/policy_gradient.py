"""A generator of sequences that learns from rewards (SeqGAN and ScratchGAN are recipes of it).

Before this file: `adversarial_sequences.py`, what models of sequences with a discriminator share. After it:
`rewards.py`, what a token is worth.
"""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.batch import Sequences
from gan_lightning.contracts import check_contract
from gan_lightning.losses import AdversarialLoss
from gan_lightning.models.adversarial_sequences import AdversarialSequences
from gan_lightning.models.optimisation import PolicyOptimisation
from gan_lightning.models.players import Player
from gan_lightning.models.rewards import MovingMean, Reward
from gan_lightning.networks import SequenceDiscriminator, SequenceGenerator
from gan_lightning.ranges import Count, Whole, within
from gan_lightning.tokens import written


@final
class PolicyGradient(AdversarialSequences):
    """The generator is a policy whose actions are tokens. No gradient passes through the choice of a token, so the
    generator makes tokens more likely by what they are worth (REINFORCE, Williams 1992, doi:10.1007/BF00992696):

        loss = - mean over sequences of the sum over tokens of (return - baseline) log p(token | those before it)

    The reward says what the return is. First the generator learns from real sequences, in `likelihood_steps` updates
    with an optimizer of their own (the player `likelihood`); then the discriminator has `discriminator_steps` updates
    alone; then the two take turns.

    Args:
        generator, discriminator: the networks.
        loss: of the discriminator. Rewards take its logits for logarithms of odds, which they are under
            `NonSaturating`.
        reward: what tokens are worth.
        baseline: subtracted from returns; None for none.
        optimisation: optimizers, schedule, average and budgets.
        likelihood_steps: updates of the generator by maximum likelihood, before all others.
        discriminator_steps: updates of the discriminator, after which rounds begin: `critic_steps` of them, then one
            of the generator by rewards.
        critic_steps: updates of the discriminator for each one of the generator by rewards.

    Raises:
        SettingError: a number out of its range, or a discriminator whose logits do not suit the reward.
    """

    def __init__(
        self,
        generator: SequenceGenerator,
        discriminator: SequenceDiscriminator,
        loss: AdversarialLoss,
        reward: Reward,
        baseline: MovingMean | None,
        optimisation: PolicyOptimisation,
        likelihood_steps: Whole,
        discriminator_steps: Whole,
        critic_steps: Count,
    ) -> None:
        super().__init__(generator, discriminator, loss, optimisation, critic_steps)
        check_contract("model.reward", reward, Reward)
        reward.check(discriminator)
        self.reward, self.baseline = reward, baseline
        self.likelihood_steps = within("model.likelihood_steps", Whole, likelihood_steps)
        self.discriminator_steps = within("model.discriminator_steps", Whole, discriminator_steps)
        first = Player(generator, optimisation.likelihood, "model.optimisation.likelihood", average=self.ema)
        self.add_player("likelihood", first)

    def step(self, batches: list[Sequences]) -> None:
        if self.players["likelihood"].steps < self.likelihood_steps:
            self.update("likelihood", (self.likelihood_loss(batch.token) for batch in batches))
            return
        self.update("discriminator", (self.discriminator_loss(batch.token) for batch in batches))
        if self.players["discriminator"].steps > self.discriminator_steps and self.due(
            "discriminator", self.critic_steps
        ):
            self.update("generator", (self.generator_loss(len(batch.token)) for batch in batches))

    @property
    def windows(self) -> int:
        return self.players["likelihood"].steps + self.players["discriminator"].steps

    @property
    def updates(self) -> int:
        return self.windows  # one player follows another, so none has an update in every window

    @property
    def windows_before_rounds(self) -> int:
        return self.likelihood_steps + self.discriminator_steps // self.critic_steps * self.critic_steps

    def generator_updates(self, windows: int) -> int:
        by_rewards = max(windows - self.windows_before_rounds, 0) // self.critic_steps
        return min(windows, self.likelihood_steps) + by_rewards

    def fakes(self, count: int) -> Tensor:
        return self.generator.write(self.quantiles(count))

    def generator_loss(self, count: int) -> Tensor:
        """Make the tokens of fresh sequences more likely by what they are worth."""
        with torch.no_grad():
            token = self.fakes(count)
            self.discriminator.eval()  # a reward without dropout
            returns = self.reward(token, self.generator, self.discriminator)
            self.discriminator.train()
        torch.clear_autocast_cache()  # of weights without a gradient, which torch before 2.10 would use again below
        chosen = written(token, self.generator.end)
        baseline: Any = 0.0
        if self.baseline is not None:
            baseline = self.baseline.value.clone()
            self.baseline.observe(returns, chosen)
        loss = reinforce(self.generator.log_likelihood(token), returns - baseline)
        self.log_scalars(loss_generator=loss, reward=(returns * chosen).sum() / chosen.sum())
        return loss

    def quantiles(self, count: int) -> Tensor:
        """Noise (count, T) of fresh sequences."""
        return torch.rand(count, self.generator.length, device=self.device)


def reinforce(log_likelihood: Tensor, advantage: Tensor) -> Tensor:
    """The loss whose gradient is minus that of the expected return (Williams 1992, doi:10.1007/BF00992696).

    Args:
        log_likelihood: of each token that the policy chose, (B, T); 0 behind the end of a sequence.
        advantage: the return of each, less a baseline; a constant.

    >>> reinforce(torch.tensor([[-1.0, -2.0]]), advantage=torch.tensor([[0.5, 1.0]]))
    tensor(2.5000)
    """
    return -(advantage * log_likelihood).sum(1).mean()
