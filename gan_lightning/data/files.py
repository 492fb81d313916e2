"""Images that are picture files, each read in one of a few ways."""

import hashlib
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import torch
from rich.markup import escape
from torch import Tensor
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as TF

from gan_lightning.counting import counted
from gan_lightning.data.contracts import Images
from gan_lightning.data.images import TensorImages, square
from gan_lightning.data.levels import ValueRange, Values
from gan_lightning.data.notes import Note
from gan_lightning.data.pictures import picture_of_set
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading(ABC):
    """How a file becomes an image; called, it gives (C, H, W) uint8.

    Attributes:
        channels, size: of the image; the size is (height, width).
        value_range: what is black and white in pictures of more than 8 bits; None in a set that has none.
    """

    channels: int
    size: tuple[int, int]
    value_range: ValueRange | None = None

    @abstractmethod
    def __call__(self, file: Path) -> Tensor: ...


@final
class Cropped(Reading):
    """The centre of a picture, as large as its shorter side allows; `size` is a square."""

    def __call__(self, file: Path) -> Tensor:
        return square(picture_of_set(file, self.channels, self.value_range), self.size[0])


@final
class Squeezed(Reading):
    """The whole picture, whatever its shape."""

    def __call__(self, file: Path) -> Tensor:
        return squeezed(picture_of_set(file, self.channels, self.value_range), self.size)


@final
class LeftHalf(Reading):
    """The left one of two pictures side by side in a file."""

    def __call__(self, file: Path) -> Tensor:
        return squeezed(_halves(file, picture_of_set(file, self.channels, self.value_range))[0], self.size)


@final
class RightHalf(Reading):
    """The right one of two pictures side by side in a file."""

    def __call__(self, file: Path) -> Tensor:
        return squeezed(_halves(file, picture_of_set(file, self.channels, self.value_range))[1], self.size)


def squeezed(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """Pictures (..., C, H, W) in `size`, each side scaled on its own, bicubic as in the papers' code."""
    return TF.resize(pixels, list(size), InterpolationMode.BICUBIC, antialias=True)


def left(values: Values) -> Values:
    """The left half of the values (H, W) of a picture."""
    return values[:, : values.shape[1] // 2]


def right(values: Values) -> Values:
    """The right half of the values (H, W) of a picture."""
    return values[:, values.shape[1] // 2 :]


def _halves(file: Path, pixels: Tensor) -> tuple[Tensor, ...]:
    if pixels.shape[2] % 2:
        raise SettingError(
            f"{file}: is {pixels.shape[2]} pixels wide; two pictures side by side, equally wide, have an even width"
        )
    return pixels.chunk(2, dim=2)


@final
class FileImages(Images):
    """Images that are decoded each time they are asked for.

    Args:
        root: folder that names are relative to.
        files: the images, all below root.
        reading: how each becomes an image.
        class_names: of the label, which is the name of the first level of subfolders; none for a set without a label.
        broken: which files (N,) bool are known to be broken; sets that belong together share it. None for sets that
            may have no broken file: one raises a SettingError when it is read. Otherwise it is named in the log, and
            from then on one of its class replaces it: of those that can be read and share most of its attributes, the
            next one.
        notes: what a user should know about the set.
    """

    def __init__(
        self,
        root: Path,
        files: Sequence[Path],
        reading: Reading,
        class_names: Sequence[str],
        broken: Tensor | None,
        notes: Sequence[Note],
    ) -> None:
        self.root, self.files, self.reading, self.broken = root, files, reading, broken
        self.channels, self.size, self.value_range = reading.channels, reading.size, reading.value_range
        self.class_names, self.notes = class_names, notes
        self.label_name = "label" if class_names else None
        names = [file.relative_to(root) for file in files]
        classes = {name: i for i, name in enumerate(class_names)}
        labels = [classes[class_name(name.parts[0])] for name in names] if class_names else []
        self.attributes = {"label": torch.tensor(labels)} if class_names else {}
        stats = [file.stat() for file in files]
        facts = [(str(name), stat.st_size, stat.st_mtime_ns) for name, stat in zip(names, stats, strict=True)]
        self.fingerprint = hashlib.sha256(repr((facts, reading)).encode()).hexdigest()[:16]

    def __len__(self) -> int:
        return len(self.files)

    def pixels(self, positions: list[int]) -> Tensor:
        return torch.stack([self._read(i) for i in positions])

    def unreadable(self) -> int:
        return 0 if self.broken is None else int(self.broken.sum())

    def _read(self, i: int) -> Tensor:
        if self.broken is None:
            try:
                return self.reading(self.files[i])
            except SettingError as error:
                advice = "take it out of the folder, or leave such files out with dataset.source.skip_broken=true"
                raise SettingError(f"{error}; {advice}") from error
        while True:
            whole = self._whole(i)
            try:
                return self.reading(self.files[whole])
            except SettingError as error:
                self.broken[whole] = True
                log.warning("%s; another one replaces it (%d such files so far)", error, self.unreadable())

    def _whole(self, i: int) -> int:
        """`i`, or, of the files of its class that are not known to be broken, the next one of those that share most of
        its attributes."""
        assert self.broken is not None
        if not self.broken[i]:
            return i
        following = torch.arange(i, i + len(self)) % len(self)
        usable = following[~self.broken[following] & (self.labels[following] == self.labels[i])]
        if not len(usable):
            raise SettingError(f"{self.files[i]} and every other picture like it cannot be read")
        alike = torch.zeros(len(usable))
        for values in self.attributes.values():
            alike += values[usable] == values[i]
        return int(usable[alike.argmax()])  # the first of several


def class_name(folder: str) -> str:
    """The class of the pictures in a folder: its name, where bytes that are not UTF-8 are written as `\\xe9`."""
    return os.fsencode(folder).decode("utf-8", "backslashreplace")


def no_broken(skip_broken: bool, count: int) -> Tensor | None:
    """What `FileImages` starts from: nothing broken yet, in memory that processes of a data loader share."""
    return torch.zeros(count, dtype=torch.bool).share_memory_() if skip_broken else None


def in_memory(sets: Sequence[FileImages], memory_limit: int) -> list[Images]:
    """The sets decoded and in memory if they take at most `memory_limit` bytes together, otherwise as they are."""
    if sum(len(images) * images.channels * images.size[0] * images.size[1] for images in sets) > memory_limit:
        return list(sets)
    decoded = [_decoded(images) for images in sets]
    for images, pixels in zip(sets, decoded, strict=True):
        if images.broken is not None:
            for i in images.broken.nonzero().flatten().tolist():  # perhaps broken on the other side only
                pixels[i] = images.pixels([i])[0]
    return [
        TensorImages(
            pixels,
            images.attributes,
            images.label_name,
            images.class_names,
            images.value_range,
            [*images.notes, *_replaced(images.unreadable())],
        )
        for images, pixels in zip(sets, decoded, strict=True)
    ]


def _replaced(broken: int) -> list[Note]:
    text = f"{counted(broken, 'picture', 'pictures')} that cannot be read, named above; others replace them"
    return [Note("Left out", text)] if broken else []


def _decoded(images: FileImages) -> Tensor:
    pixels = torch.empty(len(images), images.channels, *images.size, dtype=torch.uint8)
    for i in progress(range(len(images)), f"Reading {escape(str(images.root))}"):
        pixels[i] = images.pixels([i])[0]
    return pixels
