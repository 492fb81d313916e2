"""What samples are: pictures, points of the plane, or sequences. A kind says how they are drawn, rounded and saved.

A data module names the kind of its samples in its `spec`, which checkpoints keep. Whatever else depends on the kind
asks it, so that another kind is one more class.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, final

import numpy as np
import torch
from torch import Tensor

from gan_lightning.data.contracts import quantise
from gan_lightning.data.grids import grid, save_png
from gan_lightning.data.pictures import save_values
from gan_lightning.errors import SettingError


class SampleKind(ABC):
    """One kind of samples. A subclass is found by its `name`; it can be built without arguments.

    Attributes:
        name: in the plural, as sentences and `DataSpec.kind` have it.
        files: what `save` writes, a file or a folder.
        picture: the file that shows the samples side by side.
        options: by group of options, what to choose for this kind, as a user types it.
    """

    name: ClassVar[str]
    files: ClassVar[str]
    picture: ClassVar[str]
    options: ClassVar[Mapping[str, str]]

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> "SampleKind":
        """The kind of the samples of data whose facts are `spec`, as checkpoints hold them."""
        return cls()

    @abstractmethod
    def draw(self, samples: Tensor, columns: int) -> Tensor:
        """Samples (N, ...) as one picture (3, H', W') uint8, `columns` in a row if it has rows."""

    @abstractmethod
    def quantise(self, samples: Tensor) -> Tensor:
        """Samples rounded to what their files hold."""

    @abstractmethod
    def save(self, samples: Tensor, first: int, folder: Path, value_range: Sequence[float] | None) -> None:
        """Write samples (B, ...) to `files` in a folder.

        Args:
            samples: to write.
            first: number of the first one; those before it have been saved there.
            folder: that exists.
            value_range: the values (low, high) that -1 and 1 stand for in the units of the data, if they have any.
        """


@final
class ImageKind(SampleKind):
    """Images in [-1, 1], as PNG files of 8 bits; grey ones of data of more bits also as TIFF files in their units."""

    name = "images"
    files = "images"
    picture = "grid.png"
    options = MappingProxyType(
        {"callbacks": "callbacks=default", "metrics": "metrics=classifier, inception or none", "show": "show=samples"}
    )

    def draw(self, samples: Tensor, columns: int) -> Tensor:
        return grid(samples, columns)

    def quantise(self, samples: Tensor) -> Tensor:
        return quantise(samples)

    def save(self, samples: Tensor, first: int, folder: Path, value_range: Sequence[float] | None) -> None:
        images = folder / self.files
        images.mkdir(exist_ok=True)
        for i, image in enumerate(self.quantise(samples)):
            save_png(image, images / f"{first + i:05}.png")
            if value_range is not None and len(image) == 1:
                save_values(samples[i], value_range, images / f"{first + i:05}.tif")


@final
class PointKind(SampleKind):
    """Points of the plane within [-1, 1] x [-1, 1], seen by networks as images of two channels and one pixel."""

    name = "points"
    files = "points.csv"
    picture = "points.png"
    options = MappingProxyType(
        {"callbacks": "callbacks=toy", "metrics": "metrics=modes or metrics=none", "show": "show=samples"}
    )
    side, edge = 480, 1.05

    def draw(self, samples: Tensor, columns: int) -> Tensor:
        picture = torch.full((3, self.side, self.side), 255, dtype=torch.uint8)
        x, y = samples.flatten(1).float().cpu().T
        across, down = (((value / self.edge + 1) / 2 * self.side).long() for value in (x, -y))
        for right in (-1, 0, 1):
            for below in (-1, 0, 1):
                places = ((down + below).clamp(0, self.side - 1), (across + right).clamp(0, self.side - 1))
                picture[:, places[0], places[1]] = torch.tensor([255, 127, 14], dtype=torch.uint8)[:, None]
        return picture

    def quantise(self, samples: Tensor) -> Tensor:
        return samples

    def save(self, samples: Tensor, first: int, folder: Path, value_range: Sequence[float] | None) -> None:
        with (folder / self.files).open("a" if first else "w") as file:
            header = "" if first else "x,y"
            np.savetxt(file, samples.flatten(1).float().numpy(), delimiter=",", header=header, comments="")


def kind_named(name: str) -> SampleKind:
    """The kind of samples that has this name.

    Raises:
        SettingError: no class that was imported has it.
    """
    kinds = {kind.name: kind for kind in SampleKind.__subclasses__()}
    if name not in kinds:
        raise SettingError(
            f"samples of the kind {name} are not known, only {', '.join(kinds)}; if a package of yours defines them, "
            "allow it with 'trusted=[MY_PACKAGE]'"
        )
    return kinds[name]()


def kind_of(spec: Mapping[str, Any]) -> SampleKind:
    """The kind of the samples of data whose facts are `spec`.

    Raises:
        SettingError: no class that was imported has its name.
    """
    return type(kind_named(spec["kind"])).of(spec)
