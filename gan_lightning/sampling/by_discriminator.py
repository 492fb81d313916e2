"""Samples that a discriminator has chosen or moved, so that they follow the data more closely than the generator alone.

All three ways need log p(x) / q(x), where p is the density of real and q that of generated samples. A discriminator's
score becomes this ratio by a `LogisticHead`, which is fitted on real data that training did not see.
"""

import logging
from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError
from gan_lightning.models import AdversarialModule, FromNoise
from gan_lightning.ranges import Count, Many, within
from gan_lightning.sampling.calibration import LogisticHead, fit
from gan_lightning.sampling.samplers import Sampler
from gan_lightning.sampling.task import Task

log = logging.getLogger(__name__)

BATCH = 256
FEW = 100
"""Real images below which a warning says that the head is hardly better than a guess."""
ATTEMPT = 2**32
"""Between the numbers of two attempts at one sample; no sample has a larger number."""
CALIBRATION = ATTEMPT * 2**24
"""The first number of those samples that only calibrate."""


def uniform_at(seed: int, number: Tensor) -> Tensor:
    """Numbers (B,) uniform in [0, 1), keyed by (seed, number), and independent of the noise with these numbers."""
    rows = [np.random.Generator(np.random.Philox(key=[seed, i], counter=2**64)).random() for i in number.tolist()]
    return torch.tensor(rows, dtype=torch.float64)


class Target:
    """What samples should follow: the generator's density times the calibrated ratio of the discriminator.

    Args:
        model: with a discriminator.
        head: for its scores.
        seed, truncation: of the noise of proposals.
    """

    def __init__(self, model: Any, head: LogisticHead, seed: int, truncation: float | None) -> None:
        self.model, self.head, self.seed, self.truncation = model, head, seed, truncation
        self.latent_dim: int = model.latent_dim

    @torch.no_grad()
    def propose(self, number: Tensor, condition: Tensor) -> Tensor:
        """The generator's samples (B, C, H, W) with these numbers, under conditions (B, ...)."""
        condition = condition.to(self.model.device)
        return self.model.synthesise(self.model.latent_at(number, condition, self.seed, self.truncation), condition)

    def make(self, normal: Tensor, condition: Tensor) -> Tensor:
        """Samples from standard normal numbers (B, latent_dim), which the prior makes noise of."""
        model = self.model
        condition = condition.to(model.device)
        return model.synthesise(model.map(model.prior(normal.to(model.device)), condition), condition)

    def log_ratio(self, samples: Tensor, condition: Tensor) -> Tensor:
        """log p(x) / q(x) of samples, (B,)."""
        critic = self.model.critic
        assert critic is not None  # `ByDiscriminator.begin` refuses such models
        return self.head(critic(samples, condition.to(self.model.device)).score)


class ByDiscriminator(Sampler):
    """Fits a head to the discriminator's scores first.

    Args:
        calibration: real images, held out from training, and as many generated ones, that the head is fitted on.

    Raises:
        SettingError: before sampling, a checkpoint without a discriminator, or several checkpoints.
    """

    name: str
    """As a user chooses it."""

    def __init__(self, calibration: Many) -> None:
        self.calibration = within("sampler.calibration", Count, calibration)
        self.asked, self.accepted = 0, 0.0

    def begin(self, task: Task) -> None:
        model = task.model(f"sampler={self.name}")
        if not isinstance(model, AdversarialModule) or model.critic is None:
            raise SettingError(
                f"sampler={self.name}: the checkpoint's model, {type(model).__name__}, has no discriminator of images "
                "alone; leave sampler out"
            )
        self.task = task
        self.target, real, generated = calibrated(model, task, self.calibration)
        self.prepare(real, generated)

    @abstractmethod
    def prepare(self, real: Tensor, generated: Tensor) -> None:
        """Learn from the log ratios of the real (N,) and generated (N,) samples that calibrated the head."""

    def draw(self, number: Tensor) -> Tensor:
        parts = [self.draw_part(part, self.task.conditions(part)) for part in number.split(BATCH)]
        return torch.cat(parts).cpu()

    @abstractmethod
    def draw_part(self, number: Tensor, condition: Tensor) -> Tensor:
        """Samples (B, C, H, W) with these numbers (B,) under these conditions (B, ...)."""


@torch.no_grad()
def calibrated(model: FromNoise, task: Task, count: int) -> tuple[Target, Tensor, Tensor]:
    """The target, and the log ratios of the real and the generated samples that its head was fitted on."""
    real = task.data().held_out(count)
    plain = Target(model, LogisticHead(1.0, 0.0), task.seed, task.truncation)
    numbers = CALIBRATION + torch.arange(len(real.image))
    scores: tuple[list[Tensor], list[Tensor]] = ([], [])
    parts = zip(real.image.split(BATCH), real.condition.split(BATCH), numbers.split(BATCH), strict=True)
    for image, condition, number in progress(list(parts), "Calibrating the discriminator"):
        for found, side in zip(scores, (image.to(model.device), plain.propose(number, condition)), strict=True):
            found.append(plain.log_ratio(side, condition).cpu().double())
    on_real, on_generated = torch.cat(scores[0]), torch.cat(scores[1])
    head = fit(on_real, on_generated)
    right = float(((head(on_real) > 0).double().mean() + (head(on_generated) < 0).double().mean()) / 2)
    log.info(
        "The calibrated discriminator tells %.1f %% of %s held-out %s from generated ones",
        *(100 * right, f"{len(on_real):,}", task.kind.name),
    )
    if len(on_real) < FEW:
        log.warning(
            "The discriminator is calibrated on so few %s (%s) that its ratios are uncertain; take %s or more with "
            "sampler.calibration, if so many are held out",
            *(task.kind.name, f"{len(on_real):,}", FEW),
        )
    if head.slope <= 0:
        log.warning(
            "This discriminator takes generated images for real more often than held-out ones, so choosing samples "
            "by it helps little"
        )
    return Target(model, head, task.seed, task.truncation), head(on_real), head(on_generated)
