"""Pictures in rows, with a caption above each row."""

from collections.abc import Sequence
from functools import cache
from textwrap import wrap

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from gan_lightning.data.grids import PADDING, grid

SIZE, LINE = 13, 18
"""Of letters and of a line of text, in pixels."""


def captioned_rows(rows: Sequence[tuple[str, Tensor]], columns: int) -> list[Tensor]:
    """Pictures (3, H, W) uint8 of the same width, one for each caption: its words, and below them its images.

    Args:
        rows: captions with their images (N, C, H, W) in [-1, 1].
        columns: images in a line.
    """
    made = []
    for caption, images in rows:
        missing = -len(images) % columns
        images = torch.cat([images, images.new_ones(missing, *images.shape[1:])])
        picture = grid(images, columns)
        made.append(torch.cat([_text(caption, picture.shape[2]), picture], 1))
    return made


def _text(caption: str, width: int) -> Tensor:
    """A caption in black on white (3, H, width), in as many lines as it needs."""
    font = _font()
    most = max(1, int((width - 2 * PADDING) / font.getlength("abcdefgh ") * 9))
    lines = wrap(caption, most) or [""]
    sheet = Image.new("RGB", (width, LINE * len(lines) + PADDING), "white")
    pen = ImageDraw.Draw(sheet)
    for i, line in enumerate(lines):
        pen.text((PADDING, PADDING + i * LINE), line, font=font, fill="black")
    return torch.from_numpy(np.array(sheet)).permute(2, 0, 1)


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(SIZE)
