"""Photographs of any size, from which windows of one size are cut."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, final

import torch
from torch import Tensor

from gan_lightning.bicubic import reduced
from gan_lightning.data.contracts import Images
from gan_lightning.data.degradations import Degradation
from gan_lightning.data.levels import ValueRange
from gan_lightning.data.notes import Note, shown
from gan_lightning.data.pictures import picture_of_set, size_of
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError


@final
class Photographs:
    """The photographs of one split. They are held in memory if they take at most `memory_limit` bytes there; otherwise
    a photograph is read from its file each time that a window is cut out of it.

    Args:
        files: of the photographs.
        names: of each, for messages.
        channels: of each; they are converted.
        halvings: how often height and width are halved when a file is read, which removes noise and the traces of JPEG.
        value_range: what is black and white in pictures of more than 8 bits; None in a set that has none.
        memory_limit: bytes of decoded photographs that may be kept in memory.
        notes: what a user should know about them.

    Raises:
        SettingError: a file cannot be read, or is too small to be halved so often.
    """

    def __init__(
        self,
        files: Sequence[Path],
        names: Sequence[str],
        channels: int,
        halvings: int,
        value_range: ValueRange | None,
        memory_limit: int,
        notes: Sequence[Note] = (),
    ) -> None:
        self.files, self.names, self.channels, self.notes = files, names, channels, notes
        self.halvings, self.value_range = halvings, value_range
        self.sizes = [self._halved(size_of(file)) for file in files]
        stats = [file.stat() for file in files]
        facts = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in zip(names, stats, strict=True)]
        how = (facts, channels, halvings, value_range)
        self.fingerprint = hashlib.sha256(repr(how).encode()).hexdigest()[:16]
        self.held: list[Tensor] | None = None
        if sum(channels * height * width for height, width in self.sizes) <= memory_limit:
            self.held = [self._read(i) for i in progress(range(len(files)), f"Reading {len(files):,} photographs")]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, i: int) -> Tensor:
        """A photograph (C, H, W) uint8."""
        return self._read(i) if self.held is None else self.held[i]

    def _halved(self, size: tuple[int, int]) -> tuple[int, int]:
        height, width = (side >> self.halvings for side in size)
        if not (height and width):
            raise SettingError(
                f"dataset.source.halvings={self.halvings}: a photograph of {size[0]} x {size[1]} pixels (height x "
                "width) cannot be halved so often; choose fewer, or take it out of the folder"
            )
        return height, width

    def _read(self, i: int) -> Tensor:
        pixels = picture_of_set(self.files[i], self.channels, self.value_range)
        for _ in range(self.halvings):
            even = pixels[:, : pixels.shape[1] // 2 * 2, : pixels.shape[2] // 2 * 2]
            pixels = reduced(even, 2)  # of bytes: faster than of floats, and a level more or less does not matter here
        if pixels.shape[1:] != self.sizes[i]:
            raise SettingError(
                f"{shown(self.files[i], 300)}: is {' x '.join(map(str, pixels.shape[1:]))} pixels large, and not "
                f"{' x '.join(map(str, self.sizes[i]))} as its first bytes say; save it again, without an EXIF "
                "orientation"
            )
        return pixels


class PhotographSource(ABC):
    """Where photographs come from, whose sizes differ."""

    @abstractmethod
    def load(self, split: str) -> Photographs:
        """The photographs of `split`, train or test.

        Raises:
            SettingError: they cannot be had.
        """


class Window(NamedTuple):
    """A part of a photograph: the number of the photograph, and the upper left corner of the part."""

    photograph: int
    top: int
    left: int


def windows(sizes: Sequence[tuple[int, int]], size: tuple[int, int]) -> list[Window]:
    """As many windows of a (height, width) as lie side by side in photographs of these sizes, in the middle of each."""
    height, width = size
    found = []
    for i, (tall, wide) in enumerate(sizes):
        top, left = (tall % height) // 2, (wide % width) // 2
        tops, lefts = range(top, tall - height + 1, height), range(left, wide - width + 1, width)
        found += [Window(i, y, x) for y in tops for x in lefts]
    return found


@final
class CutOut(Images):
    """Windows of photographs, all of one size.

    Args:
        photographs: to cut them out of.
        places: of the windows.
        size: (height, width) of each.
    """

    label_name = None
    class_names: Sequence[str] = ()

    def __init__(self, photographs: Photographs, places: Sequence[Window], size: tuple[int, int]) -> None:
        self.photographs, self.places, self.size = photographs, places, size
        self.channels, self.notes, self.attributes = photographs.channels, photographs.notes, {}
        self.value_range = photographs.value_range
        identity = repr((photographs.fingerprint, places, size))
        self.fingerprint = hashlib.sha256(identity.encode()).hexdigest()[:16]

    def __len__(self) -> int:
        return len(self.places)

    def pixels(self, positions: list[int]) -> Tensor:
        return torch.stack([cut(self.photographs, self.places[i], self.size) for i in positions])


@final
class Degraded(Images):
    """The same images, degraded, each with random numbers of its own.

    Args:
        images: before.
        degradation: what happens to them.
    """

    label_name = None
    class_names: Sequence[str] = ()

    def __init__(self, images: Images, degradation: Degradation) -> None:
        self.images, self.degradation = images, degradation
        self.channels, self.attributes = degradation.channels(images.channels), {}
        self.size = (images.size[0] // degradation.scale, images.size[1] // degradation.scale)
        self.value_range = images.value_range
        self.fingerprint = hashlib.sha256(repr((images.fingerprint, degradation)).encode()).hexdigest()[:16]

    def __len__(self) -> int:
        return len(self.images)

    def pixels(self, positions: list[int]) -> Tensor:
        made = zip(self.images.pixels(positions), positions, strict=True)
        return torch.stack([self.degradation(image, torch.Generator().manual_seed(i)) for image, i in made])


def cut(photographs: Photographs, place: Window, size: tuple[int, int]) -> Tensor:
    """A window (C, height, width) uint8."""
    i, top, left = place
    return photographs[i][:, top : top + size[0], left : left + size[1]]
