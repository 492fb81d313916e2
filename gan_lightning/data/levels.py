"""Which values of a picture are black and white, where its pixels have more than 8 bits.

Detectors, microscopes and scanners write 12 bits in 16, signed integers or floating-point numbers. All pictures of a
data set share one range, so that a value means the same in each of them: the range that the settings declare, or else
one that is measured over all pictures of the set.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, final

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.TiffImagePlugin import BITSPERSAMPLE, SAMPLEFORMAT, TiffImageFile

from gan_lightning.counting import counted
from gan_lightning.data.notes import WARNING, Note, shown
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError

Values = npt.NDArray[Any]

SAMPLED = 256
"""Pixels of each picture that are looked at to tell how many levels are lost."""

FEW = 32
"""Levels, of 256, below which what remains of the pictures is called few."""

# Formats whose pictures have 8 bits as Pillow reads them, so that no file of theirs need be opened.
EIGHT_BITS = {".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp"}


class ValueRange(NamedTuple):
    """The values that become black (0) and white (255); whatever lies beyond is clipped."""

    low: float
    high: float

    def to_bytes(self, values: Values) -> npt.NDArray[np.uint8]:
        """Values of any shape as levels from 0 to 255."""
        shares = (values.astype(np.float64) - self.low) / (self.high - self.low)
        return (shares * 255).round().clip(0, 255).astype(np.uint8)

    def __str__(self) -> str:
        return f"{self.low:.6g} to {self.high:.6g}"


SIXTEEN_BITS = ValueRange(0, 65535)


def is_deep(picture: Image.Image) -> bool:
    """Whether a picture's pixels are others than 0 to 255: integers of 16 or 32 bits, signed ones, or floating-point
    numbers."""
    return picture.mode == "F" or picture.mode.startswith("I") or integers_of(picture) is not None


def integers_of(picture: Image.Image) -> type[np.uint32] | type[np.int8] | None:
    """What the bytes of a pixel mean where Pillow takes them for something else: it knows neither of these two."""
    if not isinstance(picture, TiffImageFile):
        return None
    tags = picture.tag_v2
    layout = picture.mode, tags.get(SAMPLEFORMAT, (1,)), tags.get(BITSPERSAMPLE)
    known: dict[object, type[np.uint32] | type[np.int8]] = {
        ("I", (1,), (32,)): np.uint32,
        ("L", (2,), (8,)): np.int8,
    }
    return known.get(layout)


def range_of_format(picture: Image.Image) -> ValueRange | None:
    """What is black and white in a deep picture that has not been turned, if its format says so: 16 bits without a
    sign. None for others."""
    # Pillow opens PGM of 16 bits as integers of 32, and stretches fewer bits to 16.
    has_16_bits = picture.mode.startswith("I;16") or (picture.mode == "I" and picture.format == "PPM")
    return SIXTEEN_BITS if has_16_bits else None


def check_finite(file: Path, values: Values) -> None:
    """Raise a SettingError for a picture with pixels that are NaN or infinite."""
    strange = int(np.count_nonzero(~np.isfinite(values)))
    if strange:
        raise SettingError(
            f"{shown(file, 300)} cannot be read as an image ({strange:,} of its {values.size:,} pixels are NaN or "
            "infinite)"
        )


def declared(setting: str, value: object) -> ValueRange | None:
    """The range that a setting declares; None if it is left to be measured.

    Raises:
        SettingError: it is not two finite numbers, the lower one first.
    """
    if value is None:
        return None
    given = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    numbers = [float(n) for n in given if isinstance(n, int | float) and not isinstance(n, bool)]
    in_order = len(given) == 2 and len(numbers) == 2 and numbers[0] < numbers[1]
    if not in_order or not math.isfinite(numbers[1] - numbers[0]):
        raise SettingError(
            f"{setting}={value}: two numbers, the values of black and of white, such as [0,4095]; null measures them"
        )
    return ValueRange(numbers[0], numbers[1])


def usual(low: float, high: float, whole: bool) -> ValueRange:
    """The narrowest usual range that holds the values from `low` to `high`; if none does, exactly these.

    Args:
        low, high: smallest and largest value of a data set.
        whole: whether values are integers: then 8, 10, 12, 14 and 16 bits are usual, otherwise [0, 1] and [-1, 1].
    """
    ranges = [(0, 2**bits - 1) for bits in (8, 10, 12, 14, 16)] if whole else [(0, 1), (-1, 1)]
    fitting = [ValueRange(*known) for known in ranges if known[0] <= low and high <= known[1]]
    return fitting[0] if fitting else ValueRange(low, high if high > low else low + 1)


@final
@dataclass(frozen=True)
class Measured:
    """What the deep pictures of a data set hold.

    Attributes:
        deep, count: how many pictures have more than 8 bits, of how many.
        low, high: smallest and largest value of all deep pictures.
        whole: whether values are integers.
        sample: some pixels of each deep picture.
    """

    deep: int
    count: int
    low: float
    high: float
    whole: bool
    sample: Values

    @property
    def range(self) -> ValueRange:
        """The range that is used where none is declared."""
        return usual(self.low, self.high, self.whole)

    def outside(self, chosen: ValueRange) -> float:
        """About which share of the pixels a range clips: 0 if none, otherwise at least 0.001."""
        if chosen.low <= self.low and self.high <= chosen.high:
            return 0.0
        return max(0.001, float(np.mean((self.sample < chosen.low) | (self.sample > chosen.high))))

    def notes(self, setting: str, given: ValueRange | None, channels: int) -> list[Note]:
        """What becomes of the values, and a warning where few levels are left of them.

        Args:
            setting: that declares the range.
            given: what it declares; None if it was left to be measured.
            channels: of the images that are made of the pictures.

        Raises:
            SettingError: no value lies inside the declared range.
        """
        chosen = given or self.range
        if given and (given.high <= self.low or self.high <= given.low):
            raise SettingError(
                f"{setting}=[{chosen.low:g},{chosen.high:g}]: all values of the pictures lie outside, from "
                f"{self.low:.6g} to {self.high:.6g}, and would become one level; null measures them"
            )
        how = "declared" if given else f"measured over {counted(self.deep, 'picture')}"
        found = (
            "" if given is None and chosen == (self.low, self.high) else f"; found {self.low:.6g} to {self.high:.6g}"
        )
        notes = [Note("Values", f"{chosen} ({how}{found}) become 0 to 255; '{setting}=[LOW,HIGH]' declares others")]
        if channels != 1:
            name = setting.replace("value_range", "channels")
            text = f"pictures of more than 8 bits are grey; {name}=1 also gives results in their units, as TIFF; with "
            notes.append(Note("Grey", f"{text}{channels} channels results are PNG of 8 bits"))
        if self.deep < self.count:
            flat = self.count - self.deep
            have = "has" if flat == 1 else "have"
            text = f"{flat:,} of {counted(self.count, 'picture')} {have} 8 bits, whose values stay 0 to 255"
            notes.append(Note(WARNING, text))
        if outside := self.outside(chosen):
            notes.append(Note(WARNING, f"about {outside:.1%} of the pixels lie outside and are clipped"))
        return notes + self._lost(setting, chosen)

    def _lost(self, setting: str, chosen: ValueRange) -> list[Note]:
        low, high = (float(value) for value in np.quantile(self.sample, [0.01, 0.99]))
        central = self.sample[(self.sample >= low) & (self.sample <= high)]
        left = len(np.unique(chosen.to_bytes(central)))
        if left >= FEW or len(np.unique(central)) < 2 * left:
            return []
        narrower = f"[{math.floor(low)},{math.ceil(high)}]" if self.whole else f"[{low:.4g},{high:.4g}]"
        return [
            Note(
                WARNING,
                f"98 % of the pixels lie between {low:.6g} and {high:.6g} and share {left} of the 256 levels, so most "
                f"of their differences are lost; '{setting}={narrower}' would keep it",
            )
        ]


def measure(files: Sequence[Path], values_of: Callable[[Path], Values | None], skip_broken: bool) -> Measured | None:
    """Look at the values of every deep picture; None where all have 8 bits.

    Files that cannot be read are passed over: whoever reads them names them.

    Args:
        files: of the whole data set, held-out pictures included.
        values_of: the values of a file, or None where it has 8 bits.
        skip_broken: pass over pictures with pixels that are NaN or infinite as well.

    Raises:
        SettingError: there is such a picture, unless `skip_broken`.
    """
    candidates = [file for file in files if file.suffix.lower() not in EIGHT_BITS]
    lows, highs, kinds, samples = [], [], set(), []
    for file in progress(candidates, "Measuring the range of pixel values"):
        try:
            values = values_of(file)
        except SettingError:
            continue
        if values is None or not values.size:
            continue
        try:
            check_finite(file, values)
        except SettingError:
            if skip_broken:
                continue
            raise
        lows.append(float(values.min()))
        highs.append(float(values.max()))
        kinds.add(values.dtype.kind)
        flat = values.reshape(-1)
        places = np.linspace(0, len(flat) - 1, min(SAMPLED, len(flat))).round().astype(int)
        samples.append(flat[places].astype(np.float64))
    if not lows:
        return None
    return Measured(len(lows), len(files), min(lows), max(highs), "f" not in kinds, np.concatenate(samples))
