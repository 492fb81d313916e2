"""Some images of a set."""

import hashlib
from typing import final

import torch
from torch import Tensor

from gan_lightning.data.contracts import Images


@final
class SelectedImages(Images):
    """The images of a set at the given positions (n,), in that order."""

    def __init__(self, images: Images, positions: Tensor) -> None:
        self.images, self.positions = images, positions
        self.attributes = {name: values[positions] for name, values in images.attributes.items()}
        self.label_name, self.class_names = images.label_name, images.class_names
        self.channels, self.size = images.channels, images.size
        identity = images.fingerprint.encode() + positions.numpy().tobytes()
        self.fingerprint = hashlib.sha256(identity).hexdigest()[:16]

    def __len__(self) -> int:
        return len(self.positions)

    def pixels(self, positions: list[int]) -> Tensor:
        return self.images.pixels(self.positions[positions].tolist())

    def unreadable(self) -> int:
        return self.images.unreadable()


def shuffled_positions(count: int) -> Tensor:
    """The positions 0 ... count - 1 in an order that is always the same and follows no pattern of the data."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))


def spread(images: Images, count: int) -> Images:
    """At most `count` images, drawn from all: of folders that are read class by class, some of every class."""
    if len(images) <= count:
        return images
    return SelectedImages(images, shuffled_positions(len(images))[:count].sort().values)


def without_pattern(images: Images, first: int) -> Images:
    """The images in an order of which the first ones are like all of them, if there are more than `first`. Folders are
    read class by class, and some scores look at the first images only."""
    return images if len(images) <= first else SelectedImages(images, shuffled_positions(len(images)))
