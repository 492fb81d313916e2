"""Noise that moves to where a discriminator finds images likely."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.models.prior import NORMAL
from gan_lightning.ranges import Count, Many, Positive, within
from gan_lightning.sampling.by_discriminator import ATTEMPT, ByDiscriminator
from gan_lightning.sampling.task import Task


@final
class Langevin(ByDiscriminator):
    """Discriminator-driven latent sampling (Che et al. 2020, arXiv:2003.06060).

    Langevin dynamics on the energy E(u) = |u|^2 / 2 - log p(G(u)) / q(G(u)) of the normal numbers u that noise is made
    of: u <- u - step_size / 2 dE/du + sqrt(step_size) n. The steps are not corrected, as in the paper. Instead the
    report says how many of them a Metropolis-Hastings test would accept: near 100 %, the error of the steps is small.

    Args:
        calibration: images that the head is fitted on, and as many generated ones.
        steps: of each sample.
        step_size: of the dynamics; the authors take 0.01.
    """

    name = "langevin"

    def __init__(self, calibration: Many, steps: Many, step_size: Positive) -> None:
        super().__init__(calibration)
        self.steps = within("sampler.steps", Count, steps)
        self.step_size = within("sampler.step_size", Positive, step_size)

    def begin(self, task: Task) -> None:
        if task.truncation is not None:
            raise SettingError(
                f"truncation={task.truncation}: sampler=langevin moves the noise, also beyond these bounds; leave one "
                "of them out"
            )
        super().begin(task)

    def prepare(self, real: Tensor, generated: Tensor) -> None:
        """The ratios are not needed."""

    def draw_part(self, number: Tensor, condition: Tensor) -> Tensor:
        def energy(u: Tensor) -> tuple[Tensor, Tensor]:
            return self._energy(u, condition)

        u = NORMAL.sample(self.task.seed, number, self.target.latent_dim)
        here = energy(u)
        for step in range(1, self.steps + 1):
            noise = NORMAL.sample(self.task.seed, number + step * ATTEMPT, self.target.latent_dim)
            moved = langevin_step(u, here[1], noise, self.step_size)
            there = energy(moved)
            self.asked += len(u)
            self.accepted += float(log_acceptance(u, here, moved, there, self.step_size).clamp_max(0).exp().sum())
            u, here = moved, there
        with torch.no_grad():
            return self.target.make(u, condition)

    def _energy(self, u: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """E (B,) and its gradient (B, latent_dim), on the CPU."""
        with torch.enable_grad():
            u = u.detach().requires_grad_()
            energy = u.square().sum(1) / 2 - self.target.log_ratio(self.target.make(u, condition), condition).cpu()
            (gradient,) = torch.autograd.grad(energy.sum(), u)
        return energy.detach(), gradient

    def report(self) -> str:
        return f"{self.accepted / self.asked:.1%} of {self.asked:,} steps would pass a Metropolis-Hastings test"


def langevin_step(u: Tensor, gradient: Tensor, noise: Tensor, step_size: float) -> Tensor:
    """u - step_size / 2 gradient + sqrt(step_size) noise, all (B, L)."""
    return u - step_size / 2 * gradient + step_size**0.5 * noise


def log_acceptance(
    u: Tensor, here: tuple[Tensor, Tensor], moved: Tensor, there: tuple[Tensor, Tensor], step_size: float
) -> Tensor:
    """Log of the Metropolis-Hastings ratio (B,) of a Langevin step from u to `moved`, each with energy and gradient."""

    def log_density(to: Tensor, start: Tensor, gradient: Tensor) -> Tensor:
        return -(to - start + step_size / 2 * gradient).square().sum(1) / (2 * step_size)

    return here[0] - there[0] + log_density(u, moved, there[1]) - log_density(moved, u, here[1])
