"""Large pictures through a network, one part after the other, so that they need no more memory than one part."""

from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor

LARGEST_OVERLAP = 4
"""A part overlaps with each neighbour by one of so many parts of its side at most, or little of it would be new."""


def overlap_of(tile: int, reach: int) -> int:
    """How many pixels of a part are shown beside those that are kept of it, on each side.

    With `reach` of them, the result is that of the whole picture.

    Args:
        tile: side of a part in pixels.
        reach: how far, in pixels, the network sees.
    """
    return min(reach, tile // LARGEST_OVERLAP)


def in_tiles(translate: Callable[[Tensor], Tensor], image: Tensor, scale: int, tile: int, overlap: int) -> Tensor:
    """The translation of a picture, made of those of overlapping parts.

    Args:
        translate: pictures (1, C, h, w) to translations (1, C', scale h, scale w).
        image: the picture (1, C, H, W).
        scale: how many times larger translations are.
        tile: the side of the largest part, in pixels of the picture.
        overlap: how many pixels at the inner edges of a part only help to translate the others; less than half of it.

    Returns:
        the translation (1, C', scale H, scale W), in the memory of the processor.
    """
    sides = [_kept(side, tile, overlap) for side in image.shape[2:]]
    made: Tensor | None = None
    for (top, bottom), (left, right) in product(*sides):
        y, x = max(0, top - overlap), max(0, left - overlap)
        part = translate(image[:, :, y : bottom + overlap, x : right + overlap])
        if made is None:
            made = torch.empty(1, part.shape[1], *(scale * side for side in image.shape[2:]), dtype=part.dtype)
        inner = part[:, :, scale * (top - y) : scale * (bottom - y), scale * (left - x) : scale * (right - x)]
        made[:, :, scale * top : scale * bottom, scale * left : scale * right] = inner
    assert made is not None
    return made


def _kept(side: int, tile: int, overlap: int) -> list[tuple[int, int]]:
    """Begin and end of what is kept of each part, along a side."""
    if side <= tile:
        return [(0, side)]
    step = tile - 2 * overlap
    return [(start, min(start + step, side)) for start in range(0, side, step)]
