"""How each kind of picture file becomes pixels."""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import IMAGELENGTH, IMAGEWIDTH, TiffImageFile
from torch import Tensor
from torchvision.transforms.v2.functional import pil_to_tensor

from gan_lightning.counting import counted
from gan_lightning.data.found import FORMATS
from gan_lightning.data.levels import ValueRange, Values, check_finite, integers_of, is_deep, range_of_format, usual
from gan_lightning.data.notes import WARNING, Note, listed, shown
from gan_lightning.errors import SettingError

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}

ONE_PICTURE = {".jpg", ".jpeg", ".jpe", ".jfif", ".bmp"}
"""Suffixes of files with one picture of 8 bits a channel. A photograph's second one is a preview or a map of depth."""

MOST_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 89_478_485)
"""Pillow opens no larger picture: one of a few kilobytes could fill the memory."""


def check_channels(setting: str, channels: int) -> None:
    """Raise a SettingError for a number of channels that no picture has."""
    if channels not in MODES:
        raise SettingError(
            f"dataset.source.{setting}={channels}: allowed are 1 (grey), 3 (colour), 2 and 4 (with transparency)"
        )


def read_picture(file: Path, channels: int, value_range: ValueRange | None = None) -> Tensor:
    """A picture as it should be seen, (channels, H, W) uint8.

    Its EXIF orientation turns it upright; of an animation, it is the first frame. With 1 (grey) or 3 (colour)
    channels, transparent places show a white ground; 2 and 4 add transparency.

    Args:
        file: of any kind that Pillow can open.
        channels: 1, 2, 3 or 4.
        value_range: what is black and white where pixels have more than 8 bits. None: 0 to 65535 for 16 bits, and for
            others what `gan_lightning.data.levels.usual` says of this picture alone.

    Raises:
        SettingError: the file cannot be read, has more than `MOST_PIXELS` pixels, or pixels that are not finite.
    """
    with _opened(file) as stored:
        return picture_pixels(stored, channels, value_range, file)


def picture_of_set(file: Path, channels: int, value_range: ValueRange | None) -> Tensor:
    """A picture of a data set, as `read_picture` makes it, but never by a range of its own.

    Args:
        file, channels: as of `read_picture`.
        value_range: of the set; None in one whose pictures all have 8 bits, as far as their suffixes say.

    Raises:
        SettingError: as `read_picture`; the picture has more bits, though the set has no range.
    """
    with _opened(file) as stored:
        pixels = picture_pixels(stored, channels, value_range, file)  # first: it says what is broken
        if value_range is None and is_deep(stored):
            raise SettingError(
                f"{shown(file, 300)}: has more than 8 bits, which its name does not say; give it the suffix of its "
                f"format ({stored.format})"
            )
        return pixels


def picture_pixels(
    stored: Image.Image, channels: int, value_range: ValueRange | None = None, file: Path = Path("the picture")
) -> Tensor:
    """A picture that is open, as `read_picture` makes it of its file: (channels, H, W) uint8.

    Args:
        stored: as Pillow opened or made it.
        channels, value_range: as of `read_picture`.
        file: what messages call the picture.

    Raises:
        SettingError: pixels that are not finite.
    """
    picture = _upright(stored)
    values = _deep_values(stored, picture)
    if values is not None:
        check_finite(file, values)
        whole = values.dtype.kind != "f"
        chosen = value_range or range_of_format(stored) or usual(float(values.min()), float(values.max()), whole)
        picture = Image.fromarray(chosen.to_bytes(values))
    return pil_to_tensor(_converted(picture, channels))


class Shape(NamedTuple):
    """Of a picture as it should be seen."""

    channels: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.height} x {self.width} pixels with {counted(self.channels, 'channel')}"


def shape_of(file: Path) -> Shape:
    """The shape that `read_picture` gives without losing colour or transparency, from the beginning of the file.

    Raises:
        SettingError: the file is not a picture, or its channels have more than 8 bits.
    """
    with _opened(file) as picture:
        if is_deep(picture) or (isinstance(picture, ImageFile) and _has_16_bits(picture)):
            raise SettingError(f"{shown(file, 300)}: has more than 8 bits a channel; save it with 8")
        channels = (1 if picture.mode in ("1", "L", "LA") else 3) + picture.has_transparency_data
        return Shape(channels, *_upright_size(picture))


def size_of(file: Path) -> tuple[int, int]:
    """Height and width that `read_picture` gives, from the beginning of the file.

    Raises:
        SettingError: the file is not a picture.
    """
    with _opened(file) as picture:
        return _upright_size(picture)


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    """Height and width of a picture as it should be seen, before its pixels are read."""
    stored = picture.size
    if isinstance(picture, TiffImageFile):  # whose size Pillow may have turned already
        stored = picture.tag_v2[IMAGEWIDTH], picture.tag_v2[IMAGELENGTH]
    # Of a PNG this would decode the pixels; hardly any has an orientation.
    turned = picture.format != "PNG" and picture.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
    width, height = reversed(stored) if turned else stored
    return height, width


def deep_values(file: Path) -> Values | None:
    """The values (H, W) of a grey picture of more than 8 bits, or of signed ones; None where they are 0 to 255.

    Raises:
        SettingError: the file cannot be read.
    """
    with _opened(file) as stored:
        return _deep_values(stored, _upright(stored)) if is_deep(stored) else None


def _deep_values(stored: Image.Image, upright: Image.Image) -> Values | None:
    """The values (H, W) of a picture as it was opened, and turned upright; None where they are 0 to 255."""
    integers = integers_of(stored)
    if integers is not None:
        return np.ascontiguousarray(upright).view(integers)
    return np.asarray(upright) if is_deep(upright) else None


def notes_of_losses(files: Sequence[Path], setting: str) -> list[Note]:
    """Warnings of what is not read from the files.

    Of colour pictures with 16 bits a channel, Pillow keeps the upper 8. Of a file with several pictures, such as a TIFF
    with pages or an animation, only the first is used. Files that cannot be read are passed over: whoever reads them
    names them.

    Args:
        files: pictures.
        setting: that gives the range of values of grey ones.
    """
    deep: list[Path] = []
    several: list[Path] = []
    for file in files:
        if file.suffix.lower() in ONE_PICTURE:
            continue
        with suppress(SettingError), _opened(file) as picture:
            if isinstance(picture, ImageFile) and not is_deep(picture) and _has_16_bits(picture):
                deep.append(file)
            if getattr(picture, "is_animated", False):  # which some of Pillow's formats do not know
                several.append(file)
    notes = []
    if deep:
        notes.append(
            f"{_share(deep, files)} 16 bits a channel, of which the upper 8 are kept; grey pictures keep what "
            f"{setting} says"
        )
    if several:
        notes.append(
            f"{_share(several, files)} several pages or frames, of which only the first is used "
            f"({listed([file.name for file in several])}); save the others as files of their own to use them"
        )
    return [Note(WARNING, note) for note in notes]


def _share(some: Sequence[Path], files: Sequence[Path]) -> str:
    return f"{len(some):,} of {counted(len(files), 'picture')} {'has' if len(some) == 1 else 'have'}"


def _has_16_bits(picture: ImageFile) -> bool:
    """Whether the pixels in the file of a picture that has not been loaded have 16 bits a channel."""
    # A tile says how its pixels lie in the file: `RGB;16B` in PNG and TIFF, `('RGB', 65535)` in PPM. Numbers of other
    # formats are places in the file, and `BGR;16` has 16 bits a pixel.
    return any(
        re.search(";16[BLN]", str(tile.args))
        or (tile.codec_name.startswith("ppm") and isinstance(tile.args, tuple) and tile.args[1] > 255)
        for tile in picture.tile
    )


def save_values(image: Tensor, value_range: Sequence[float], file: Path) -> None:
    """Write a grey image (1, H, W) in [-1, 1] in the units of its data, as TIFF of floating-point numbers.

    Args:
        image: what a model makes.
        value_range: the values (low, high) that -1 and 1 mean.
        file: to write.
    """
    low, high = value_range
    values = low + (image[0].float().numpy() + 1) * ((high - low) / 2)
    Image.fromarray(values.astype(np.float32)).save(file, format="TIFF")


@contextmanager
def _opened(file: Path) -> Iterator[Image.Image]:
    """A picture whose pixels have not been read yet.

    Raises:
        SettingError: whatever goes wrong while it is open.
    """
    name = shown(file, 300)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow finds odd in a file that it reads all the same
            with Image.open(file, formats=FORMATS) as picture:
                yield picture
    except SettingError:
        raise
    except Image.DecompressionBombError as error:
        raise SettingError(
            f"{name} cannot be read as an image: it has more than {MOST_PIXELS:,} pixels, the most that are read; "
            "make it smaller or take it out of the folder"
        ) from error
    except Exception as error:  # broken files make Pillow raise almost anything
        # Pillow's own message repeats the path.
        unknown = isinstance(error, UnidentifiedImageError)
        of_system = error.strerror if isinstance(error, OSError) else None
        why = _unidentified(file) if unknown else of_system or str(error) or type(error).__name__
        raise SettingError(f"{name} cannot be read as an image ({shown(why, 200)})") from error


def _unidentified(file: Path) -> str:
    if file.suffix.lower() in (".tif", ".tiff"):
        return "damaged, or a kind of TIFF that Pillow does not open, such as numbers of 64 bits; convert it"
    return "cannot identify image file"


def _upright(picture: Image.Image) -> Image.Image:
    picture.load()  # what is broken in the pixels is an error; what is broken in their description is not
    try:
        return ImageOps.exif_transpose(picture)
    except MemoryError:
        raise
    except Exception:  # a damaged description of how the camera was held
        return picture


def _converted(picture: Image.Image, channels: int) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB").convert(MODES[channels])
    picture = picture.convert("RGBA")
    if channels in (1, 3):
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture)
        picture = ground
    return picture.convert(MODES[channels])
