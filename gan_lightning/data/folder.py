"""Any folder of images."""

import hashlib
from pathlib import Path
from typing import final

import torch
from PIL import Image, ImageOps
from rich.progress import track
from torch import Tensor
from torchvision.datasets.folder import IMG_EXTENSIONS
from torchvision.transforms.v2.functional import pil_to_tensor

from gan_lightning.data.contracts import Images, Source
from gan_lightning.data.images import TensorImages, square
from gan_lightning.errors import SettingError

MODES = {1: "L", 3: "RGB"}


@final
class Folder(Source):
    """Every image below a folder; if all lie in subfolders, the first level's names are the classes.

    A set whose decoded size is at most `memory_limit` is read at once and held in memory, so a corrupt
    file is found before training; a larger one is read while training, best with dataset.num_workers > 0.

    Args:
        path: the folder. If its only content are subfolders `train` and `test`, they are the splits;
            otherwise all of it is the split train.
        channels: 3 (colour) or 1 (grey); images are converted.
        memory_limit: bytes of decoded images that may be held in memory.

    Raises:
        SettingError: the folder is missing or empty, has no such split, or holds a file that is no image.
    """

    def __init__(self, path: str, channels: int = 3, memory_limit: int = 2**30) -> None:
        self.path = Path(path).expanduser()
        if not self.path.is_dir():
            raise SettingError(f"dataset.source.path={path}: there is no such folder")
        if channels not in MODES:
            raise SettingError(f"dataset.source.channels={channels}: allowed are 1 (grey) and 3 (colour)")
        self.channels, self.memory_limit = channels, memory_limit

    def load(self, split: str, resolution: int) -> Images:
        # Beside other folders or images, `train` is a class like any other.
        beside = {child.name for child in self.path.iterdir() if child.is_dir() or child.suffix in IMG_EXTENSIONS}
        split_folders = sorted(beside, reverse=True) if beside and beside <= {"train", "test"} else []
        if split not in (split_folders or ["train"]):
            raise SettingError(
                f"split={split}: dataset.source.path={self.path} has the splits "
                f"{', '.join(split_folders) or 'train (everything)'}; a subfolder `{split}` would add one"
            )
        root = self.path / split if split_folders else self.path
        files = sorted(file for file in root.rglob("*") if file.suffix.lower() in IMG_EXTENSIONS)
        if not files:
            raise SettingError(f"dataset.source.path={root}: holds no image ({', '.join(IMG_EXTENSIONS)})")
        images = FileImages(root, files, resolution, self.channels)
        if len(files) * self.channels * resolution**2 > self.memory_limit:
            return images
        progress = track(range(len(files)), description=f"Reading {root}", transient=True)
        pixels = torch.cat([images.pixels([i]) for i in progress])
        return TensorImages(pixels, images.attributes, images.label_name, images.class_names)


@final
class FileImages(Images):
    """Images that are decoded each time they are asked for.

    Args:
        root: folder whose first level of subfolders names the classes.
        files: the images, all below root.
        resolution: pixels a side.
        channels: 1 or 3.
    """

    def __init__(self, root: Path, files: list[Path], resolution: int, channels: int) -> None:
        self.files, self.resolution, self.channels = files, resolution, channels
        self.size = (resolution, resolution)
        parts = [file.relative_to(root).parts for file in files]
        nested = all(len(part) > 1 for part in parts)
        self.class_names = sorted({part[0] for part in parts}) if nested else []
        self.label_name = "label" if nested else None
        classes = {name: i for i, name in enumerate(self.class_names)}
        self.attributes = {"label": torch.tensor([classes[part[0]] for part in parts])} if nested else {}
        facts = [(str(file.relative_to(root)), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        self.fingerprint = hashlib.sha256(repr((facts, resolution, channels)).encode()).hexdigest()[:16]

    def __len__(self) -> int:
        return len(self.files)

    def pixels(self, positions: list[int]) -> Tensor:
        return torch.stack([self._read(self.files[i]) for i in positions])

    def _read(self, file: Path) -> Tensor:
        try:
            with Image.open(file) as picture:
                upright = ImageOps.exif_transpose(picture).convert(MODES[self.channels])
                return square(pil_to_tensor(upright), self.resolution)
        except Exception as error:  # broken files make Pillow raise almost anything
            raise SettingError(f"dataset.source.path: {file} cannot be read as an image ({error})") from error
