"""How images are brought to the size that a network takes. Scores of two ways are not comparable."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, final

from torch import Tensor
from torch.nn import functional as F
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

Interpolation = Literal["bicubic", "bilinear"]


class Resize(ABC):
    """Resizes images, whose aspect ratio may change; nothing is cut off.

    Attributes:
        suffix: what follows the extractor's name, so that no two ways have scores of one name.
        words: for the protocol, with `SIZE` in place of the size.
    """

    suffix: ClassVar[str]
    words: ClassVar[str]

    @abstractmethod
    def __call__(self, image: Tensor, size: int) -> Tensor:
        """Images (B, C, H, W) from 0 to 255, uint8 or float, to floats (B, C, `size`, `size`) from 0 to 255."""


@final
class TensorFlowResize(Resize):
    """Bilinear as TensorFlow 1 did it, without a filter against aliasing: that of published FID values."""

    suffix = ""
    words = "bilinear to SIZE as TensorFlow 1"

    def __call__(self, image: Tensor, size: int) -> Tensor:
        resized: Tensor = interpolate_bilinear_2d_like_tensorflow1x(
            image.float(), size=(size, size), align_corners=False
        )
        return resized


@final
class CleanResize(Resize):
    """Bicubic with a filter against aliasing, as clean-fid (Parmar et al. 2022, arXiv:2104.11222) and Pillow resize.

    Values are floats, and clipped to their range; they are not rounded again.
    """

    suffix = "_clean"
    words = "bicubic with antialiasing to SIZE, not rounded"

    def __call__(self, image: Tensor, size: int) -> Tensor:
        return antialiased(image, size, "bicubic")


def antialiased(image: Tensor, size: int, interpolation: Interpolation) -> Tensor:
    """Images (B, C, H, W) from 0 to 255 as floats (B, C, `size`, `size`), which are clipped and not rounded.

    >>> import torch
    >>> antialiased(torch.tensor([[[[0, 255], [255, 0]]]], dtype=torch.uint8), 1, "bilinear")
    tensor([[[[127.5000]]]])
    """
    # In float64 this is Pillow's result to seven digits, in float32 to four; Metal has no float64.
    precise = image.float() if image.is_mps else image.double()
    return F.interpolate(precise, (size, size), mode=interpolation, antialias=True).clamp(0, 255).float()
