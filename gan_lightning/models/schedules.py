"""Learning-rate schedules: pure functions from the progress of training to a factor of the base rate."""

from abc import ABC
from typing import final

from gan_lightning.ramps import Ramp
from gan_lightning.ranges import BelowOne, within


class Schedule(Ramp, ABC):
    """A ramp of the factor of all learning rates."""


@final
class Constant(Schedule):
    """The base rate throughout."""

    def __call__(self, progress: float) -> float:
        return 1.0


@final
class LinearDecay(Schedule):
    """The base rate until `start`, a share of the run, then linearly down to zero at its end.

    WGAN-GP and SNGAN decay from the beginning (start 0), CycleGAN over the second half (start 0.5).
    """

    def __init__(self, start: BelowOne = 0.0) -> None:
        self.start = within("schedule.start", BelowOne, start)

    def __call__(self, progress: float) -> float:
        return min(1.0, max(0.0, (1 - progress) / (1 - self.start)))
