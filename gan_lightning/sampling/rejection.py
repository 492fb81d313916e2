"""Rejection sampling by a discriminator."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.ranges import Count, Many, Percent, within
from gan_lightning.sampling.by_discriminator import ATTEMPT, ByDiscriminator, uniform_at

USUAL = 80
"""The percentile that the paper takes for ImageNet."""


def log_odds_of_acceptance(ratio: Tensor, bound: float) -> Tensor:
    """Log odds (...) of exp(ratio - bound), the probability with which rejection sampling accepts; where the log ratio
    is above its bound, of a probability of almost one. This is F of arXiv:1810.06758, equation 8, without gamma."""
    below = (ratio - bound).clamp_max(-1e-6)
    return below - torch.log(-torch.expm1(below))


@final
class Rejection(ByDiscriminator):
    """Discriminator rejection sampling (Azadi et al. 2019, arXiv:1810.06758).

    A proposal of the generator is accepted with probability p(x) / (M q(x)), where M is the largest ratio among the
    images that calibrate the head; larger ones count as M. The paper raises M while sampling; here it stays, so that a
    sample depends on its number alone. Accepted samples follow p exactly where the ratio is exact.

    Args:
        calibration: images that the head is fitted on, and as many generated ones; the paper takes 10,000.
        percentile: of the log odds of acceptance among generated images, which is subtracted from all of them: with 80,
            about a fifth is accepted. In many dimensions that is more than by the ratio itself, and samples lie between
            q and p. The paper takes 80 for ImageNet. None accepts by the ratio itself.
        most: proposals for one sample.
    """

    name = "rejection"

    def __init__(self, calibration: Many, percentile: Percent | None, most: Many) -> None:
        super().__init__(calibration)
        self.percentile, self.most = percentile, within("sampler.most", Count, most)

    def prepare(self, real: Tensor, generated: Tensor) -> None:
        self.bound, self.gamma = float(torch.cat([real, generated]).max()), 0.0
        odds = log_odds_of_acceptance(generated, self.bound)
        if self.percentile is not None:
            self.gamma = float(odds.quantile(self.percentile / 100))
        expected = float((odds - self.gamma).sigmoid().mean())
        if expected * self.most < 10:
            raise SettingError(
                f"sampler.most={self.most}: about one of {1 / max(expected, 1e-12):,.0f} proposals would be accepted; "
                f"allow more than ten times as many{self._or_accept_more()}"
            )

    @torch.no_grad()
    def draw_part(self, number: Tensor, condition: Tensor) -> Tensor:
        made: Tensor | None = None
        open_ = torch.arange(len(number))
        for attempt in range(self.most):
            numbers, wanted = number[open_] + attempt * ATTEMPT, condition[open_]
            samples = self.target.propose(numbers, wanted)
            odds = (
                log_odds_of_acceptance(self.target.log_ratio(samples, wanted).cpu().double(), self.bound) - self.gamma
            )
            accepted = uniform_at(self.task.seed, numbers) < odds.sigmoid()
            made = samples.new_empty(len(number), *samples.shape[1:]) if made is None else made
            made[open_[accepted]] = samples[accepted]
            self.asked, self.accepted = self.asked + len(open_), self.accepted + int(accepted.sum())
            open_ = open_[~accepted]
            if len(open_) == 0:
                return made
        raise FaultError(
            f"sampler.most={self.most}: of so many proposals for a sample none was accepted; allow "
            f"more{self._or_accept_more()}"
        )

    def _or_accept_more(self) -> str:
        lower = self.percentile is None or self.percentile > USUAL
        return f", or accept more with sampler.percentile={USUAL}" if lower else ""

    def report(self) -> str:
        return f"{self.accepted / self.asked:.1%} of {self.asked:,} proposals accepted"
