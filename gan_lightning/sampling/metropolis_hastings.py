"""Chains of samples, which a discriminator accepts or rejects."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.ranges import Count, Many, within
from gan_lightning.sampling.by_discriminator import ATTEMPT, ByDiscriminator, uniform_at


@final
class MetropolisHastings(ByDiscriminator):
    """Metropolis-Hastings GAN (Turner et al. 2019, arXiv:1811.11357).

    Each sample is the end of a chain of its own. A proposal x' of the generator replaces the current x with probability
    min(1, r(x') / r(x)), where r is the ratio p / q. A chain begins at a real held-out image, so that it needs no
    burn-in; one that has accepted nothing at its end runs again from a generated image, as in the paper.

    Args:
        calibration: images that the head is fitted on, and as many generated ones.
        steps: proposals for each sample; the paper takes 640.
    """

    name = "metropolis_hastings"

    def __init__(self, calibration: Many, steps: Many) -> None:
        super().__init__(calibration)
        self.steps = within("sampler.steps", Count, steps)

    def prepare(self, real: Tensor, generated: Tensor) -> None:
        self.real = real

    @torch.no_grad()
    def draw_part(self, number: Tensor, condition: Tensor) -> Tensor:
        samples = self.target.propose(number, condition)
        begin = self.target.log_ratio(samples, condition).cpu().double()
        from_real = self.real[(uniform_at(self.task.seed, number) * len(self.real)).long()]
        samples, moved = self._chain(number, condition, samples, from_real)
        still = (~moved).nonzero().flatten()
        if len(still):
            again = number[still] + self.steps * ATTEMPT
            samples[still] = self._chain(again, condition[still], samples[still], begin[still])[0]
        return samples

    def _chain(self, number: Tensor, condition: Tensor, samples: Tensor, ratio: Tensor) -> tuple[Tensor, Tensor]:
        """The ends (B, C, H, W) of chains that begin at samples of this log ratio (B,), and which have moved (B,)."""
        samples, moved = samples.clone(), torch.zeros(len(number), dtype=torch.bool)
        for step in range(1, self.steps + 1):
            numbers = number + step * ATTEMPT
            proposed = self.target.propose(numbers, condition)
            found = self.target.log_ratio(proposed, condition).cpu().double()
            accepted = uniform_at(self.task.seed, numbers).log() < found - ratio
            samples[accepted], ratio = proposed[accepted], torch.where(accepted, found, ratio)
            moved |= accepted
            self.asked, self.accepted = self.asked + len(number), self.accepted + int(accepted.sum())
        return samples, moved

    def report(self) -> str:
        return f"{self.accepted / self.asked:.1%} of {self.asked:,} proposals accepted"
