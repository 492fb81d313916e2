"""The splits of a source of two domains, at the sizes that training and validation ask for."""

from collections.abc import Sequence
from typing import Any, final

from gan_lightning.contracts import check_contract
from gan_lightning.data.contracts import Sides, SidesSource
from gan_lightning.data.notes import WARNING, Note
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Count, fits

_SMALL_WINDOW = 0.7
"""Share of a picture's side, below which a random window shows other sizes of things than the whole picture."""


@final
class Splits:
    """Both splits of a source, each at the sizes that are asked for, loaded at the first call.

    Args:
        source: of the pictures.
        resolution: side of what networks see, or its [height, width].
        load: side of training pictures before the random crop, or [height, width]; None for no crop.

    Raises:
        SettingError: a size that is not whole and positive, or `load` below `resolution`.
    """

    def __init__(self, source: SidesSource, resolution: int | Sequence[int], load: int | Sequence[int] | None) -> None:
        check_contract("dataset.source", source, SidesSource)
        self.source = source
        self.size = height_and_width("resolution", resolution)
        self.load_size = self.size if load is None else height_and_width("load", load)
        if any(larger < smaller for larger, smaller in zip(self.load_size, self.size, strict=True)):
            raise SettingError(
                f"dataset.load={load}: allowed is at least dataset.resolution={resolution}, which is cut out of it"
            )
        self._loaded: dict[tuple[str, tuple[int, int]], Sides] = {}

    def at_resolution(self, split: str) -> Sides:
        """A split as networks see it, uncropped."""
        return self._load(split, self.size)

    def to_crop(self) -> Sides:
        """The training split before the random crop."""
        return self._load("train", self.load_size)

    def check(self) -> None:
        """Raise a SettingError unless both domains have pictures in both splits, of the same channels in each."""
        train, test = self.to_crop(), self.at_resolution("test")
        for name, training, testing in (("a", train.a, test.a), ("b", train.b, test.b)):
            if len(training) == 0 and len(testing) == 1:
                raise SettingError(
                    f"dataset.source: side {name} holds one picture, which is held out for the scores; at least 2 "
                    "are needed for training"
                )
        for split, sides in (("train", train), ("test", test)):
            for name, images in (("a", sides.a), ("b", sides.b)):
                if len(images) == 0:
                    raise SettingError(f"dataset.source: side {name} of its split {split} holds no picture")
            if sides.paired and len(sides.a) != len(sides.b):
                raise SettingError(
                    f"dataset.source: says that its sides are paired, but in its split {split} there are "
                    f"{len(sides.a)} of a and {len(sides.b)} of b"
                )
        for name, training, testing in (("a", train.a, test.a), ("b", train.b, test.b)):
            if training.channels != testing.channels:
                raise SettingError(
                    f"dataset.source: side {name} has {training.channels} channels in its split train, but "
                    f"{testing.channels} in its split test"
                )

    def read(self) -> dict[str, list[Any]]:
        """Number and fingerprint of the pictures of every side of a split that was loaded; processes compare them."""
        return {
            f"{split} {side} at {size[0]}x{size[1]}": [len(images), images.fingerprint]
            for (split, size), sides in self._loaded.items()
            for side, images in (("a", sides.a), ("b", sides.b))
        }

    def summary(self) -> list[Note]:
        """The sizes of training pictures, and what a user should know of either side."""
        train = self.to_crop()
        (height, width), (before, across) = self.size, self.load_size
        crop = f", cut out of {before} x {across}" if self.load_size != self.size else ""
        channels = f"{train.a.channels} and {train.b.channels} channels"
        size = Note("Size", f"{height} x {width} pixels{crop} (height x width), a and b of {channels}")
        return [size, *self._enlarged(), *train.a.notes, *train.b.notes]

    def _enlarged(self) -> list[Note]:
        """A warning where training sees much smaller parts of a picture than validation."""
        share = min(small / large for small, large in zip(self.size, self.load_size, strict=True))
        if share > _SMALL_WINDOW:
            return []
        height, width = self.load_size
        text = f"training sees windows of {share:.0%} of a side of {height} x {width}, validation whole pictures; "
        usual = " x ".join(str(round(side * 286 / 256)) for side in self.size)
        return [Note(WARNING, f"{text}the papers' load is 286 for 256, here {usual}")]

    def _load(self, split: str, size: tuple[int, int]) -> Sides:
        if (split, size) not in self._loaded:
            self._loaded[split, size] = self.source.load(split, size)
        return self._loaded[split, size]


def height_and_width(name: str, value: int | Sequence[int]) -> tuple[int, int]:
    """The setting dataset.NAME as a size (height, width).

    Raises:
        SettingError: it is neither a whole number from 1 nor a list of two.
    """
    sides = [value, value] if isinstance(value, int) else value
    if not isinstance(sides, Sequence) or len(sides) != 2 or not all(fits(Count, side) for side in sides):
        raise SettingError(f"dataset.{name}={value}: a whole number from 1, or [height, width] of such")
    return sides[0], sides[1]
