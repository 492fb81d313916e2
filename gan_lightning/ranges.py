"""What a setting may be, as types for the signatures of whatever a configuration builds.

They are plain `int`, `float` and `str` for Python and for type checkers. `gan_lightning.console` reads the ranges out
of the signatures, checks configurations against them before anything is built, and shows them in `--help`. Who builds
the parts in Python gets the same sentences from `within`.
"""

import math
from abc import ABC, abstractmethod
from typing import Annotated, Any, Literal, TypeVar, final, get_args, get_origin

from annotated_types import Interval, Len

from gan_lightning.errors import SettingError

Number = TypeVar("Number", int, float)


@final
class IsPath:
    """Marks the text of a file's or folder's path, which may hold any character."""


class Ramp(ABC):
    """In place of a number: one that depends on progress, the share of the run's budget that is spent, in [0, 1]."""

    @abstractmethod
    def __call__(self, progress: float) -> float:
        """The number."""


MOST = 2**31 - 1

Count = Annotated[int, Interval(ge=1, le=MOST)]
Several = Annotated[int, Interval(ge=2, le=MOST)]
"""Of what something can be estimated only with a second one."""
Whole = Annotated[int, Interval(ge=0, le=MOST)]
Seed = Annotated[int, Interval(ge=0, le=2**32 - 1)]
Budget = Annotated[int, Interval(ge=1, le=2**62)]
"""Of a run, in images or steps."""
Bytes = Annotated[int, Interval(ge=0, le=2**62)]

# Sizes that a machine has to hold. The largest are far beyond what was ever useful.
Size = Annotated[int, Interval(ge=1, le=65_536)]
"""Units of a layer, pixels of a side."""
Tile = Annotated[int, Interval(ge=32, le=65_536)]
"""Side of the parts in which a network is given large pictures."""
Few = Annotated[int, Interval(ge=1, le=1_024)]
"""Layers, channels, processes."""
FewOrNone = Annotated[int, Interval(ge=0, le=1_024)]
FewHalvings = Annotated[int, Interval(ge=0, le=8)]
"""Of both sides of a picture."""
Batch = Annotated[int, Interval(ge=1, le=1_048_576)]
Classes = Annotated[int, Interval(ge=0, le=100_000)]
Columns = Annotated[int, Interval(ge=1, le=1_000)]
Many = Annotated[int, Interval(ge=1, le=10_000_000)]
FakeImages = Annotated[int, Interval(ge=1, le=1_000_000)]
"""Random pixels, which are held in memory."""

AtLeastZero = Annotated[float, Interval(ge=0)]
Positive = Annotated[float, Interval(gt=0)]
Share = Annotated[float, Interval(gt=0, le=1)]
Probability = Annotated[float, Interval(ge=0, le=1)]
Percent = Annotated[float, Interval(ge=0, lt=100)]
Percentage = Annotated[int, Interval(ge=1, le=100)]
"""Of a quality."""
BelowOne = Annotated[float, Interval(ge=0, lt=1)]
"""Decay of an average, or the start of something that ends at 1."""
BelowHalf = Annotated[float, Interval(ge=0, lt=0.5)]
"""Probability of being wrong that leaves something to be learnt."""
RealTarget = Annotated[float, Interval(gt=0.5, le=1)]
"""What D says of real images: below 1, one-sided label smoothing."""
Signed = Annotated[float, Interval(gt=-1, lt=1)]

PathText = Annotated[str, IsPath(), Len(1)]


def is_path(kind: Any) -> bool:
    """Whether a type is that of a path, or of a path among others."""
    if get_origin(kind) is Annotated:
        base, *extras = get_args(kind)
        return any(isinstance(extra, IsPath) for extra in extras) or is_path(base)
    return any(is_path(part) for part in get_args(kind)) if get_origin(kind) is not Literal else False


def within(setting: str, kind: Any, value: Number) -> Number:
    """The value of a setting that is built in Python, where no configuration was checked.

    Args:
        setting: its name, for the message.
        kind: one of the types of numbers here.
        value: finite, and no boolean.

    Raises:
        SettingError: it is not of that type.
    """
    if not fits(kind, value):
        base, bounds = get_args(kind)
        raise SettingError(f"{setting}={value}: {limits(base, bounds, value)}")
    return value


def fits(kind: Any, value: Any) -> bool:
    """Whether anything is a finite number of one of the types of numbers here; booleans are none."""
    base, bounds = get_args(kind)
    is_number = isinstance(value, int if base is int else int | float) and not isinstance(value, bool)
    return bool(is_number and math.isfinite(value) and _lies_in(bounds, value))


def _lies_in(bounds: Interval, value: Any) -> bool:
    return (
        (bounds.ge is None or value >= bounds.ge)
        and (bounds.gt is None or value > bounds.gt)
        and (bounds.le is None or value <= bounds.le)
        and (bounds.lt is None or value < bounds.lt)
    )


def limits(base: type, bounds: Interval, given: object = None) -> str:
    """What a range takes in words, as in `a whole number from 1`.

    Args:
        base: int or float.
        bounds: the range.
        given: a value outside of it. Limits of the arithmetic are named only if it exceeds one.
    """
    if base is int:
        most = int(str(bounds.le))
        end = f" to {most}" if most < MOST or (isinstance(given, int) and given > most) else ""
        return f"a whole number from {bounds.ge}{end}"
    low, high = (bounds.ge if bounds.gt is None else bounds.gt), (bounds.le if bounds.lt is None else bounds.lt)
    if high is None:
        return f"a number above {low}" if bounds.gt is not None else f"a number from {low}"
    return f"a number in {'(' if bounds.gt is not None else '['}{low}, {high}{')' if bounds.lt is not None else ']'}"
