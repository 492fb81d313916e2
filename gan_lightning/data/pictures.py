"""Picture files: which there are in a folder, and how each kind becomes pixels."""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from torch import Tensor
from torchvision.transforms.v2.functional import pil_to_tensor

from gan_lightning.errors import SettingError

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# Pillow can name the first, but not draw them; the others are pictures that it leaves to another program.
NO_PICTURES = {"BUFR", "GRIB", "HDF5", "MPEG"}
LEFT_TO_OTHERS = {"EPS", "WMF"}
SUFFIXES = {suffix: format for suffix, format in Image.registered_extensions().items() if format in Image.OPEN}
FORMATS = sorted(set(Image.OPEN) - NO_PICTURES - LEFT_TO_OTHERS)


def check_channels(setting: str, channels: int) -> None:
    """Raise a SettingError for a number of channels that no picture has."""
    if channels not in MODES:
        raise SettingError(
            f"dataset.source.{setting}={channels}: allowed are 1 (grey), 3 (colour), 2 and 4 (with transparency)"
        )


def picture_files(folder: Path) -> list[Path]:
    """All pictures below `folder`, sorted, as `find_pictures` finds them.

    Raises:
        SettingError: a link leads out of `folder`.
    """
    found, links = find_pictures(folder)
    for path in links:
        raise SettingError(
            f"{path}: leads to {path.resolve()}, out of the folder that pictures are read from; "
            "remove it, or put the file itself in its place"
        )
    return found


def find_pictures(folder: Path) -> tuple[list[Path], list[Path]]:
    """All pictures below `folder`, and all links that lead out of it, each sorted; hidden ones are skipped.

    A file is a picture if its suffix is that of a picture format which Pillow knows or, with another suffix or none,
    if Pillow reads it. Links to folders are not followed.
    """
    found, links = [], []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        seen = [Path(parent, name) for name in files if not name.startswith(".")]
        outside = [path for path in (*(Path(parent, name) for name in folders), *seen) if _leads_out(path, folder)]
        links += outside
        found += [path for path in seen if path not in outside and path.is_file() and _is_picture(path)]
    return sorted(found), sorted(links)


def _leads_out(path: Path, folder: Path) -> bool:
    return path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())


def read_picture(file: Path, channels: int) -> Tensor:
    """A picture as it should be seen, (channels, H, W) uint8.

    It stands upright as its EXIF orientation says; of an animation, it is the first frame. 16 bits become 8.
    Floating-point pixels are taken for shares of white if none exceeds 1, otherwise for levels up to 255.
    With 1 (grey) or 3 (colour) channels, transparent places show a white ground; 2 and 4 add transparency.

    Raises:
        SettingError: the file cannot be read.
    """
    try:
        with Image.open(file, formats=FORMATS) as picture:
            return pil_to_tensor(_converted(ImageOps.exif_transpose(picture), channels))
    except Exception as error:  # broken files make Pillow raise almost anything
        raise SettingError(f"{file} cannot be read as an image ({error})") from error


def _is_picture(file: Path) -> bool:
    if file.suffix.lower() in SUFFIXES:
        return SUFFIXES[file.suffix.lower()] not in NO_PICTURES
    try:
        with Image.open(file, formats=FORMATS):
            return True
    except Exception:  # whatever makes Pillow stumble is no picture
        return False


def _converted(picture: Image.Image, channels: int) -> Image.Image:
    if picture.mode == "F":
        levels = np.nan_to_num(np.asarray(picture))
        levels = levels * 255 if levels.max() <= 1 else levels
        picture = Image.fromarray(levels.round().clip(0, 255).astype(np.uint8))
    if picture.mode.startswith("I"):
        picture = _eight_bits(picture)
    if not picture.has_transparency_data:
        return picture.convert("RGB").convert(MODES[channels])
    picture = picture.convert("RGBA")
    if channels in (1, 3):
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture)
        picture = ground
    return picture.convert(MODES[channels])


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A grey picture of 16 or 32 bits, where white is 65,535 or, beyond that, the picture's own maximum."""
    values = np.asarray(picture).astype(np.float64)
    white = max(65535, values.max())
    return Image.fromarray((values * (255 / white)).round().clip(0, 255).astype(np.uint8))
