"""Settings that change during a run, and modules that change with the budget.

A ramp is a pure function of the share of the budget that is spent. A part that takes a ramp for one of its settings
holds it as a `Ramped`, whose value is a tensor on the device: a step that is replayed as a CUDA graph reads it there.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.ranges import Positive, Probability, Share, within
from gan_lightning.ranges import Ramp as Ramp


class _Between(Ramp, ABC):
    """From `start` to `end`.

    Args:
        start: the number up to `since`.
        end: the number from `until` on.
        since, until: shares of the budget.

    Raises:
        SettingError: `since` does not lie before `until`, or one of them is no share.
    """

    def __init__(self, start: float, end: float, since: Probability = 0.0, until: Share = 1.0) -> None:
        within("since", Probability, since)
        within("until", Share, until)
        if since >= until:
            raise SettingError(f"since={since}: a ramp begins before it ends, which is at until={until}")
        self.start, self.end, self.since, self.until = start, end, since, until

    def __call__(self, progress: float) -> float:
        way = self.way(min(1.0, max(0.0, (progress - self.since) / (self.until - self.since))))
        return self.start * (1 - way) + self.end * way

    @abstractmethod
    def way(self, passed: float) -> float:
        """The share of the way from `start` to `end`, for the share of the time that has passed."""


@final
class LinearRamp(_Between):
    """From `start` to `end` at a constant rate.

    >>> ramp = LinearRamp(start=10, end=2, until=0.5)
    >>> [ramp(progress) for progress in (0, 0.25, 0.5, 1)]
    [10.0, 6.0, 2.0, 2.0]
    """

    def way(self, passed: float) -> float:
        return passed


@final
class CosineRamp(_Between):
    """From `start` to `end` along half a period of a cosine: slow at both ends, as R3GAN (arXiv:2501.05441) changes
    its settings in the first part of a run.

    >>> ramp = CosineRamp(start=0, end=1)
    >>> [round(ramp(progress), 3) for progress in (0, 0.25, 0.5, 1)]
    [0.0, 0.146, 0.5, 1.0]
    """

    def way(self, passed: float) -> float:
        return (1 - math.cos(math.pi * passed)) / 2


@final
class HalfLifeRamp(Ramp):
    """The decay of an average whose half-life goes from `start` to `end` updates.

    Args:
        start, end: half-lives: after as many updates, half of the average is forgotten.
        since, until: shares of the budget, as of other ramps.
        way: builds the ramp of the half-life from these four; by default it changes at a constant rate.

    >>> ramp = HalfLifeRamp(start=1, end=10)
    >>> ramp(0), round(ramp(1) ** 10, 6)  # after one update, and after ten
    (0.5, 0.5)
    """

    def __init__(
        self,
        start: Positive,
        end: Positive,
        since: Probability = 0.0,
        until: Share = 1.0,
        way: Callable[[float, float, float, float], Ramp] = LinearRamp,
    ) -> None:
        self.updates = way(within("start", Positive, start), within("end", Positive, end), since, until)

    def __call__(self, progress: float) -> float:
        return 0.5 ** (1 / self.updates(progress))


class Follows:
    """A module that changes with the budget. Training steps find it wherever it is among their modules."""

    def follow(self, progress: float) -> None:
        """Called before each step with the share of the budget that is spent, in [0, 1].

        A module that is `capturable` changes tensors in place here, and nothing else.
        """

    @property
    def capturable(self) -> bool:
        """Whether it does the same operations in every update. A module that overrides `follow` says so itself."""
        return type(self).follow is Follows.follow

    @property
    def phase(self) -> int:
        """What kind of updates it takes part in now. A module of other operations in each phase, such as one that
        grows, changes this number in `follow` only, and derives it from what checkpoints hold. With a new phase, the
        optimizers of its player forget what they remember of earlier updates, and a GPU records steps again."""
        return 0


@final
class Ramped(nn.Module, Follows):
    """The value of a ramp at the moment: a scalar tensor, and always the same one.

    Checkpoints do not hold it, because the budget says what it is.
    """

    capturable = True
    value: Tensor

    def __init__(self, ramp: Ramp) -> None:
        super().__init__()
        self.ramp = ramp
        self.register_buffer("value", torch.tensor(float(ramp(0.0))), persistent=False)

    def follow(self, progress: float) -> None:
        self.value.fill_(self.ramp(progress))


def checked(setting: str, kind: Any, given: float | Ramp) -> float | Ramp:
    """The value of a setting that may be a ramp.

    Args:
        setting: its name, for the message.
        kind: one of the types of numbers in `ranges`.
        given: a number, or a ramp.

    Raises:
        SettingError: the number, or the first or last one of the ramp, is not of that type.
    """
    if not isinstance(given, Ramp):
        return within(setting, kind, given)
    for progress, end in ((0.0, "begins"), (1.0, "ends")):
        within(f"{setting}: its ramp {end} at {setting.rpartition('.')[2]}", kind, given(progress))
    return given


def setting(name: str, kind: Any, given: float | Ramp) -> float | Ramped:
    """The same for a part that holds the setting; a ramp becomes a module of the part. `now` reads it."""
    value = checked(name, kind, given)
    return Ramped(value) if isinstance(value, Ramp) else value


def now(held: float | Ramped) -> float | Tensor:
    """What a setting is at the moment: a number that stays, or the scalar of a ramp."""
    return held.value if isinstance(held, Ramped) else held
