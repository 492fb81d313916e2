"""Learning-rate schedules: pure functions from the progress of training to a factor of the base rate."""

from abc import ABC
from collections.abc import Sequence
from typing import final

from gan_lightning.errors import SettingError
from gan_lightning.ramps import Ramp
from gan_lightning.ranges import BelowOne, Share, within


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


@final
class StepDecay(Schedule):
    """The base rate, multiplied by `factor` at each of some moments, as super-resolution is trained.

    Args:
        at: the moments, shares of the run in (0, 1), rising.
        factor: of the rate, at each of them.

    Raises:
        SettingError: a moment that is no such share, or comes before the one before it.

    >>> schedule = StepDecay(at=[0.5, 0.75], factor=0.1)
    >>> [round(schedule(progress), 3) for progress in (0.0, 0.49, 0.5, 0.8)]
    [1.0, 1.0, 0.1, 0.01]
    """

    def __init__(self, at: Sequence[Share], factor: Share = 0.5) -> None:
        for share in at:
            within("model.optimisation.schedule.at", Share, share)
        if list(at) != sorted(at):
            raise SettingError(f"model.optimisation.schedule.at={list(at)}: allowed are shares of the run that rise")
        self.at, self.factor = list(at), within("model.optimisation.schedule.factor", Share, factor)

    def __call__(self, progress: float) -> float:
        return self.factor ** sum(progress >= share for share in self.at)
