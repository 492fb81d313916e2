"""What data sets deliver, and what the rest of the program may know about them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset

from gan_lightning.batch import Labelled
from gan_lightning.data.captions import Captions, CaptionSpec
from gan_lightning.data.notes import Note
from gan_lightning.errors import SettingError


@dataclass(frozen=True)
class DataSpec:
    """Measured facts of a data set, written into the configuration before any network is built.

    Attributes:
        channels, height, width: of every image.
        num_classes: classes of the label, 0 if there is none; a list if several attributes are the condition, with the
            number of values of each.
        class_names: their names, in label order.
        size: number of training images.
        fingerprint: changes when any training image or label does.
        value_range: the values (low, high) that became black and white in pictures of more than 8 bits; None where all
            have 8.
        kind: of the samples, the name of a `SampleKind`.
        captions: of the images, which are then their conditions; None where conditions are no sentences.
    """

    channels: int
    height: int
    width: int
    num_classes: int | list[int]
    class_names: list[str]
    size: int
    fingerprint: str
    value_range: list[float] | None = None
    kind: str = "images"
    captions: CaptionSpec | None = None


@dataclass(frozen=True)
class PairedSpec:
    """Measured facts of a data set of pairs, seen in the direction of translation.

    Attributes:
        source_channels, target_channels: of every picture that is translated, and of every translation.
        height, width: of training images, after the crop; of targets, where sources are smaller.
        direction: "a2b" or "b2a".
        size: number of training pairs.
        fingerprint: changes when any training image does.
        source_value_range, target_value_range: as `value_range` of `DataSpec`, of either side.
        scale: how many times higher and wider targets are than sources.
    """

    source_channels: int
    target_channels: int
    height: int
    width: int
    direction: str
    size: int
    fingerprint: str
    source_value_range: list[float] | None = None
    target_value_range: list[float] | None = None
    scale: int = 1


@dataclass(frozen=True)
class UnpairedSpec:
    """Measured facts of a data set of two domains.

    Attributes:
        a_channels, b_channels: of every image of the domain.
        height, width: of training images, after the crop.
        a_size, b_size: number of training images of the domain.
        fingerprint: changes when any training image does.
        a_value_range, b_value_range: as `value_range` of `DataSpec`, of the domain.
    """

    a_channels: int
    b_channels: int
    height: int
    width: int
    a_size: int
    b_size: int
    fingerprint: str
    a_value_range: list[float] | None = None
    b_value_range: list[float] | None = None


class Draw(NamedTuple):
    """One batch to fetch: positions in the data set, and the seed of the batch's augmentation."""

    positions: list[int]
    seed: int


class Images(Dataset[Labelled], ABC):
    """The images of one split, fetched a batch at a time.

    Attributes:
        attributes: by name, a class per image (N,) long. All of them train the `classifier` extractor.
        label_name: which attribute is the label, or None.
        class_names: names of the label's classes.
        fingerprint: hash that changes with the images and their attributes.
        channels: of each image.
        size: height and width of each image.
        value_range: the values (low, high) that became 0 and 255 in pictures of more than 8 bits; None where all have
            8.
        captions: of the images, which are then their conditions; None where there are none.
        notes: what a user should know before training on them: splits, values, what was left out and why.
    """

    attributes: Mapping[str, Tensor]
    label_name: str | None
    class_names: Sequence[str]
    fingerprint: str
    channels: int
    size: tuple[int, int]
    value_range: tuple[float, float] | None = None
    captions: Captions | None = None
    notes: Sequence[Note] = ()
    blocks: Sequence[int] | None = None
    """How many images follow one another in each shard, where reading jumps between shards slowly; None where every
    order is as fast."""
    device = torch.device("cpu")
    """Where batches come from."""

    def held_on(self, device: torch.device, most: float) -> "Images":
        """The same images in the memory of a GPU, if they are held in memory and take `most` bytes there at most;
        otherwise themselves."""
        return self

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def pixels(self, positions: list[int]) -> Tensor:
        """Images (B, C, H, W), uint8."""

    @property
    def labels(self) -> Tensor:
        """Classes (N,), all zero without a label."""
        return torch.zeros(len(self), dtype=torch.long) if self.label_name is None else self.attributes[self.label_name]

    @property
    def plain_range(self) -> list[float] | None:
        """The value range as a list, fit for a checkpoint."""
        return None if self.value_range is None else list(self.value_range)

    def unreadable(self) -> int:
        """How many images have been found broken so far, and are replaced by others."""
        return 0

    def __getitem__(self, draw: Draw) -> Labelled:
        return Labelled(scaled(self.pixels(draw.positions)), self.labels[draw.positions])


def scaled(pixels: Tensor) -> Tensor:
    """Pixels uint8 as floats in [-1, 1]."""
    return pixels.float().div_(127.5).sub_(1)


def quantise(image: Tensor) -> Tensor:
    """Images in [-1, 1] to uint8 as a picture file would hold them: rounded, not truncated."""
    return ((image.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def read_together(sets: Sequence[Images], positions: list[int]) -> list[Tensor]:
    """Pixels of the same positions of sets that belong together: all again, should a set only now find one broken."""
    while True:
        known = [images.unreadable() for images in sets]
        pixels = [images.pixels(positions) for images in sets]
        if known == [images.unreadable() for images in sets]:
            return pixels


class NoSplitError(SettingError):
    """The data have no split of this name. Whoever can do without it catches this, and no other fault of the data."""


class Source(ABC):
    """Where images come from: draws, reads or downloads the splits of one data set."""

    @abstractmethod
    def load(self, split: str, resolution: int) -> Images:
        """The images of `split`, square with `resolution` pixels a side.

        Raises:
            NoSplitError: the split does not exist.
            SettingError: its files are missing or cannot be read.
        """


class Sides(NamedTuple):
    """One split of a data set of two domains.

    `a2b` holds the true translations of `a`, in its order, where they are known, otherwise None; `b2a` those of
    `b`. If `paired`, `a` and `b` show the same things in the same order: each is the other's translation.
    """

    a: Images
    b: Images
    a2b: Images | None
    b2a: Images | None
    paired: bool


class SidesSource(ABC):
    """Where two domains come from: draws, reads or downloads the splits of one data set."""

    @abstractmethod
    def load(self, split: str, size: tuple[int, int]) -> Sides:
        """Both domains of `split`, train or test, every picture squeezed to `size` (height, width).

        Raises:
            SettingError: the split does not exist, or its files are missing or cannot be read.
        """
