"""How models are trained: schedules, averages, budgets, and the optimizers of the players."""

from dataclasses import dataclass

import torch
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.models.average import Average
from gan_lightning.models.optimizers import OptimizerOf, build_at
from gan_lightning.ramps import Ramp, checked
from gan_lightning.ranges import BelowOne, Budget, Count, Positive, Seed, Whole, within

MOST_SKIPPED = 100


@dataclass(frozen=True, kw_only=True)
class Training:
    """How all players of a model are trained, and for how long.

    Attributes:
        schedule: factor of all learning rates, followed in updates of the first player (a GAN's generator).
        ema_decay: decay of the generator's exponential moving average per generator step, or a ramp of it; 0 turns
            the average into a copy.
        ema_rampup: limits the average's half-life to this share of the generator steps so far, so that early weights
            are soon forgotten (see `Average`); None sets no limit.
        ema_start: generator steps after which averaging begins; until then the average is a copy.
        ema_statistics: average the running statistics of batch norm too, instead of copying them.
        accumulate: batches whose gradients make one optimizer step.
        gradient_clip_norm: largest norm of a player's gradient, or None.
        max_generator_steps, max_images: budgets; the first one reached ends the run, None sets no limit.
        seed: keys the noise of training together with the images seen and the process's rank.
        skip_non_finite: leave out and count an update whose loss or gradient is NaN or infinite, instead of ending
            the run; more than `MOST_SKIPPED` in a row still end it.
    """

    schedule: Ramp
    ema_decay: BelowOne | Ramp = 0.999
    ema_rampup: Positive | None = None
    ema_start: Whole = 0
    ema_statistics: bool = False
    accumulate: Count = 1
    gradient_clip_norm: Positive | None = None
    max_generator_steps: Budget | None = None
    max_images: Budget | None = None
    seed: Seed = 0
    skip_non_finite: bool = False

    def __post_init__(self) -> None:
        checked("model.optimisation.ema_decay", BelowOne, self.ema_decay)
        if self.ema_rampup is not None and self.ema_decay == 0:
            raise SettingError(
                "model.optimisation.ema_rampup: bounds the half-life of an average, and ema_decay=0 keeps none; leave "
                "one of them out"
            )
        within("model.optimisation.ema_start", Whole, self.ema_start)
        within("model.optimisation.accumulate", Count, self.accumulate)
        within("model.optimisation.seed", Seed, self.seed)
        for name in ("max_generator_steps", "max_images"):
            if (value := getattr(self, name)) is not None:
                within(name, Budget, value)
        for name in ("ema_rampup", "gradient_clip_norm"):
            if (value := getattr(self, name)) is not None:
                within(f"model.optimisation.{name}", Positive, value)

    def average(self, network: nn.Module) -> Average:
        """A new average of a network's weights."""
        return Average(network, self.ema_decay, self.ema_rampup, self.ema_start, self.ema_statistics)


@dataclass(frozen=True, kw_only=True)
class GeneratorOptimisation(Training):
    """How a model without a discriminator is trained, such as a VAE.

    Attributes:
        generator: builds the optimizer from the parameters of the generator, and of an encoder that learns with it.
            Its settings may be ramps.
    """

    generator: OptimizerOf

    def __post_init__(self) -> None:
        super().__post_init__()
        _try("generator", self.generator)


@dataclass(frozen=True, kw_only=True)
class DiscriminatorOptimisation(Training):
    """How a model without a generator is trained, such as an energy-based one.

    Attributes:
        discriminator: builds the optimizer from the parameters of the discriminator. Its settings may be ramps.
    """

    discriminator: OptimizerOf

    def __post_init__(self) -> None:
        super().__post_init__()
        _try("discriminator", self.discriminator)


@dataclass(frozen=True, kw_only=True)
class Optimisation(GeneratorOptimisation):
    """How a generator and a discriminator are trained, and for how long.

    Attributes:
        discriminator: builds the optimizer of its parameters. Its settings may be ramps.
    """

    discriminator: OptimizerOf

    def __post_init__(self) -> None:
        super().__post_init__()
        _try("discriminator", self.discriminator)


@dataclass(frozen=True, kw_only=True)
class EncoderOptimisation(Optimisation):
    """How a generator, a discriminator and an encoder with an optimizer of its own are trained.

    Attributes:
        encoder: builds the optimizer of its parameters. Its settings may be ramps.
    """

    encoder: OptimizerOf

    def __post_init__(self) -> None:
        super().__post_init__()
        _try("encoder", self.encoder)


@dataclass(frozen=True, kw_only=True)
class PolicyOptimisation(Optimisation):
    """How a generator that learns from rewards is trained, and a discriminator.

    Attributes:
        likelihood: builds the optimizer with which the generator learns by likelihood first.
    """

    likelihood: OptimizerOf

    def __post_init__(self) -> None:
        super().__post_init__()
        _try("likelihood", self.likelihood)


def _try(name: str, optimizer: OptimizerOf) -> None:
    """Refuse settings that an optimizer does not take, at the beginning or at the end of a run."""
    try:
        for progress in (0.0, 1.0):
            build_at(optimizer, [nn.Parameter(torch.zeros(1))], progress)
    except (TypeError, ValueError) as error:
        raise SettingError(f"model.optimisation.{name}: {error}") from error
