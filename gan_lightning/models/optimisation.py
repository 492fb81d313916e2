"""How both sides are optimised, and for how long."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import nn
from torch.optim import Optimizer

from gan_lightning.errors import SettingError
from gan_lightning.models.schedules import Schedule

MOST_SKIPPED = 100


@dataclass(frozen=True)
class Optimisation:
    """How both sides are optimised, and for how long.

    Attributes:
        generator: builds the optimizer of the generator side from its parameters.
        discriminator: builds the optimizer of the discriminator side.
        schedule: factor of both learning rates, followed in generator steps.
        ema_decay: decay of the generator's exponential moving average per generator step; 0 turns the
            average into a copy.
        accumulate: batches whose gradients make one optimizer step.
        gradient_clip_norm: largest norm of a side's gradient, or None.
        max_generator_steps, max_images: budgets; the first one reached ends the run, None is no limit.
        seed: keys the noise of training together with the images seen and the process's rank.
        skip_non_finite: leave out and count an update whose loss or gradient is NaN or infinite, instead of ending
            the run; more than `MOST_SKIPPED` in a row end it all the same.
    """

    generator: Callable[[Iterable[nn.Parameter]], Optimizer]
    discriminator: Callable[[Iterable[nn.Parameter]], Optimizer]
    schedule: Schedule
    ema_decay: float = 0.999
    accumulate: int = 1
    gradient_clip_norm: float | None = None
    max_generator_steps: int | None = None
    max_images: int | None = None
    seed: int = 0
    skip_non_finite: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.ema_decay < 1:
            raise SettingError(f"model.optimisation.ema_decay={self.ema_decay}: must lie in [0, 1)")
        for name in ("accumulate", "gradient_clip_norm", "max_generator_steps", "max_images"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise SettingError(f"{name}={value}: must be positive")
        for side in ("generator", "discriminator"):
            try:
                getattr(self, side)([nn.Parameter(torch.zeros(1))])
            except (TypeError, ValueError) as error:
                raise SettingError(f"model.optimisation.{side}: {error}") from error
