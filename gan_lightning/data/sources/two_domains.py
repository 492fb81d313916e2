"""What the folders of two domains have in common, whatever their layout."""

from abc import ABC
from collections.abc import Callable, Sequence
from pathlib import Path

from torch import Tensor

from gan_lightning.data.contracts import Images, SidesSource
from gan_lightning.data.files import FileImages, Reading, in_memory
from gan_lightning.data.levels import ValueRange, Values, declared
from gan_lightning.data.notes import Note
from gan_lightning.data.pictures import check_channels, deep_values
from gan_lightning.data.value_range import value_range_of

Limits = Sequence[float]
"""The lowest and the highest value of a picture, which become 0 and 255."""


class TwoDomainFolder(SidesSource, ABC):
    """How the pictures of two domains, a and b, are read from folders of any layout.

    A split whose decoded size is at most `memory_limit` is read at once and kept in memory, so a corrupt
    file is found before training; a larger one is read while training, best with dataset.num_workers > 0.

    Args:
        channels_a, channels_b: 3 (colour), 1 (grey), 4 or 2 (the same with transparency); pictures are converted.
        memory_limit: bytes of decoded pictures that may be kept in memory.
        skip_broken: name pictures that cannot be read in the log and replace each by another one, in a pair both,
            instead of ending the run.
        value_range_a, value_range_b: the values (low, high) of black and white in pictures of more than 8 bits; None
            measures them over all pictures of the side, held-out ones included.
    """

    def __init__(
        self,
        channels_a: int,
        channels_b: int,
        memory_limit: int,
        skip_broken: bool,
        value_range_a: Limits | None,
        value_range_b: Limits | None,
    ) -> None:
        check_channels("channels_a", channels_a)
        check_channels("channels_b", channels_b)
        self.channels = channels_a, channels_b
        self.declared = value_range_a, value_range_b
        self.memory_limit, self.skip_broken = memory_limit, skip_broken
        self.ranges: list[ValueRange | None] = []
        self.notes: list[list[Note]] = []

    def _measure(self, files: Sequence[Path], part: Callable[[Values], Values]) -> list[Note]:
        """Find the range of values of the next side, first of a and then of b.

        Args:
            files: all pictures of the side, held-out ones included.
            part: takes from the values of a picture those of the side.

        Returns:
            what a user should know about it.
        """

        def values_of(file: Path) -> Values | None:
            values = deep_values(file)
            return None if values is None else part(values)

        i = len(self.ranges)
        setting = f"dataset.source.value_range_{'ab'[i]}"
        given = declared(setting, self.declared[i])
        chosen, notes = value_range_of(files, setting, given, self.channels[i], self.skip_broken, values_of)
        self.ranges.append(chosen)
        return notes

    def _read(
        self,
        roots: Sequence[Path],
        files: Sequence[Sequence[Path]],
        readings: Sequence[type[Reading]],
        size: tuple[int, int],
        broken: Sequence[Tensor | None],
    ) -> list[Images]:
        """The images of both sides, in memory if they fit. All but the size are lists of one for each side."""
        parts = zip(roots, files, readings, self.channels, self.ranges, broken, self.notes, strict=True)
        images = [
            FileImages(root, side, reading(channels, size, values), [], lost, notes)
            for root, side, reading, channels, values, lost, notes in parts
        ]
        return in_memory(images, self.memory_limit)
