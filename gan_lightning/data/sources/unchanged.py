"""All pictures of a folder as they are, to be scored."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import final

import torch
from torch import Tensor

from gan_lightning.counting import counted
from gan_lightning.data.contracts import Images, NoSplitError, Source
from gan_lightning.data.files import class_name
from gan_lightning.data.found import check_folder, pictures_below
from gan_lightning.data.images import TensorImages
from gan_lightning.data.notes import Note, shown
from gan_lightning.data.pictures import Shape, read_picture, shape_of
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError

MEMORY_LIMIT = 2**30
"""Bytes of decoded pictures that are kept in memory; a larger set is read while it is scored."""


@final
class Unchanged(Source):
    """Every picture below a folder, neither resized nor cut, so that scores see exactly what the files hold.

    If all lie in subfolders, two or more, the first level's names are the classes. There is one split, `train`, and
    names of subfolders such as `test` mean nothing.

    Args:
        setting: that names the folder, for messages.
        path: of the folder.

    Attributes:
        shape: of all pictures.
        notes: what was found.

    Raises:
        SettingError: the folder is missing or holds no picture; something in it cannot be read; its pictures differ in
            size or in channels, or have more than 8 bits a channel.
    """

    def __init__(self, setting: str, path: object) -> None:
        self.setting, self.path = setting, check_folder(setting, path)
        found = pictures_below(self.path, skip_broken=None)
        self.files = found.pictures
        left_out = found.notes(self.path)
        if not self.files:
            details = "".join(f"; {note.text}" for note in left_out)
            raise SettingError(f"{setting}={path}: holds no image that Pillow can open{details}")
        self.shape = self._one_shape()
        first = f"{counted(len(self.files), 'picture')} of {self.shape}, in {self.path}"
        self.notes = [Note(setting.capitalize(), first), *left_out]

    def load(self, split: str, resolution: int) -> Images:
        """The pictures, in the size that they have."""
        if split != "train":
            raise NoSplitError(f"split={split}: {self.setting}={self.path} is one split, train")
        files = PictureFiles(self.path, self.files, self.shape)
        if len(files) * files.channels * files.size[0] * files.size[1] > MEMORY_LIMIT:
            return files
        pixels = [files.pixels([i])[0] for i in progress(range(len(files)), f"Reading {self.setting}")]
        return TensorImages(torch.stack(pixels), files.attributes, files.label_name, files.class_names)

    def _one_shape(self) -> Shape:
        """The shape of all pictures.

        Raises:
            SettingError: two differ.
        """
        first = None
        for file in progress(self.files, f"Looking at the pictures of {self.setting}"):
            shape = shape_of(file)
            first = first or shape
            if shape != first:
                one, another = (shown(path.relative_to(self.path)) for path in (self.files[0], file))
                raise SettingError(
                    f"{self.setting}={self.path}: its pictures differ: {one} has {first}, {another} {shape}; convert "
                    "all of them, on both sides in the same way"
                )
        assert first is not None
        return first


@final
class PictureFiles(Images):
    """Pictures of one shape, each decoded when it is asked for.

    Args:
        root: folder whose first level of subfolders may be classes.
        files: the pictures, all below root.
        shape: that all have.
    """

    def __init__(self, root: Path, files: Sequence[Path], shape: Shape) -> None:
        self.files, self.channels, self.size = files, shape.channels, (shape.height, shape.width)
        names = [file.relative_to(root) for file in files]
        classes = sorted({class_name(name.parts[0]) for name in names})
        labelled = len(classes) > 1 and all(len(name.parts) > 1 for name in names)
        self.class_names = classes if labelled else []
        self.label_name = "label" if labelled else None
        labels = [classes.index(class_name(name.parts[0])) for name in names] if labelled else []
        self.attributes = {"label": torch.tensor(labels)} if labelled else {}
        stats = [file.stat() for file in files]
        facts = [(str(name), stat.st_size, stat.st_mtime_ns) for name, stat in zip(names, stats, strict=True)]
        self.fingerprint = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    def __len__(self) -> int:
        return len(self.files)

    def pixels(self, positions: list[int]) -> Tensor:
        return torch.stack([self._read(self.files[i]) for i in positions])

    def _read(self, file: Path) -> Tensor:
        """One picture.

        Raises:
            SettingError: it is damaged, or was changed since its folder was looked at.
        """
        try:
            pixels = read_picture(file, self.channels)
        except SettingError as error:
            raise SettingError(f"{error}; take it out of the folder") from error
        have, expected = Shape(*pixels.shape), Shape(self.channels, *self.size)
        if have != expected:
            raise SettingError(f"{shown(file, 300)}: has {have}, the other pictures {expected}; convert it")
        return pixels
