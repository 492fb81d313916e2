"""Pictures of Pillow from tensors, and several in one."""

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from gan_lightning.counting import counted
from gan_lightning.data import grid as grid_of
from gan_lightning.data import picture_pixels, quantise, scaled
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Columns, within


def pictures(images: Tensor) -> list[Image.Image]:
    """Images (N, 1 to 4, H, W) in [-1, 1] as pictures of 8 bits: grey or in colour, transparent where they are."""
    return [picture(one) for one in quantise(images)]


def picture(pixels: Tensor) -> Image.Image:
    """Pixels (1 to 4, H, W) uint8 as a picture."""
    return Image.fromarray(pixels.permute(1, 2, 0).squeeze(2).cpu().numpy())


def grid(images: Sequence[Image.Image], columns: int = 8) -> Image.Image:
    """Pictures of one size side by side, as one picture in colour; narrow ones are enlarged to 64 pixels.

    Args:
        images: one or more.
        columns: how many in a row.

    Raises:
        SettingError: no picture, or pictures of several sizes.

    >>> grid([Image.new("L", (64, 64))] * 3, columns=2).size
    (134, 134)
    """
    within("columns", Columns, columns)
    sizes = {image.size for image in images}
    if len(sizes) != 1:
        raise SettingError(f"images: {counted(len(sizes), 'size')} of pictures; a grid takes pictures of one size")
    pixels = torch.stack([picture_pixels(image, 3) for image in images])
    return picture(grid_of(scaled(pixels), min(columns, len(images))))
