"""Pictures made smaller and larger by antialiased bicubic interpolation, as Pillow and MATLAB do it.

Without antialiasing, torch uses another curve, and smaller pictures differ by much.
"""

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional as F


def resized(picture: Tensor, size: Sequence[int]) -> Tensor:
    """Pictures (..., C, H, W) of floats, or of bytes, in another (height, width). Next to edges, floats may leave the
    range of the picture's by a little."""
    four = picture.reshape(-1, *picture.shape[-3:])
    made = F.interpolate(four, list(size), mode="bicubic", antialias=True)
    return made.reshape(*picture.shape[:-2], *size)


def reduced(picture: Tensor, scale: int) -> Tensor:
    """Pictures (..., C, H, W) of floats, or of bytes, each side `scale` times smaller."""
    return picture if scale == 1 else resized(picture, [side // scale for side in picture.shape[-2:]])


def enlarged(picture: Tensor, scale: int) -> Tensor:
    """Pictures (..., C, H, W) in [-1, 1], each side `scale` times larger."""
    return picture if scale == 1 else resized(picture, [side * scale for side in picture.shape[-2:]]).clamp(-1, 1)
