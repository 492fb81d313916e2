"""Images as picture files: side by side in a grid, written and read."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor
from torchvision.transforms.v2.functional import pil_to_tensor
from torchvision.utils import make_grid

from gan_lightning.data.contracts import quantise

PADDING = 2
"""White pixels around every image of a grid."""
FRAME = (47, 111, 208)
"""The colour around real images in a grid of generated ones."""


def grid(images: Tensor, columns: int) -> Tensor:
    """Images (N, C, H, W) in [-1, 1] side by side, as one picture (3, H', W') uint8.

    Images narrower than 64 pixels are enlarged by whole factors. Transparent ones (two or four channels) are put on
    white.
    """
    factor = max(1, 64 // images.shape[-1])
    enlarged = quantise(in_colour(images)).repeat_interleave(factor, 2).repeat_interleave(factor, 3)
    return make_grid(enlarged, nrow=columns, padding=PADDING, pad_value=255)


def in_colour(images: Tensor) -> Tensor:
    """Images (N, 1 to 4, H, W) in [-1, 1] as (N, 3, H, W), transparent ones on white."""
    if images.shape[1] in (2, 4):
        alpha = (images[:, -1:] + 1) / 2
        images = images[:, :-1] * alpha + (1 - alpha)
    return images.expand(-1, 3, -1, -1)


def framed(picture: Tensor, columns: int, height: int) -> Tensor:
    """A grid (3, H, W) uint8 of rows of `height`, with a coloured frame in place of white around its last row."""
    made = picture.clone()
    colour = torch.tensor(FRAME, dtype=torch.uint8)[:, None, None]
    last = made[:, -height - PADDING :]
    last[:, :PADDING] = last[:, -PADDING:] = colour
    width = (made.shape[2] - PADDING) // columns
    for column in range(columns + 1):
        last[:, :, column * width : column * width + PADDING] = colour
    return made


def read_png(path: Path) -> Tensor:
    """A picture that was saved, (C, H, W) uint8."""
    with Image.open(path) as picture:
        return pil_to_tensor(picture)


def save_png(picture: Tensor, path: Path, text: Mapping[str, str] = MappingProxyType({})) -> None:
    """Write a picture (1 to 4, H, W) uint8, with texts by name for programs that read it."""
    info = PngInfo()
    for name, value in text.items():
        info.add_text(name, value)
    Image.fromarray(picture.permute(1, 2, 0).squeeze(2).numpy()).save(path, pnginfo=info)
