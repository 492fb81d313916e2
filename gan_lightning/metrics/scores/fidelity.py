"""How near each output is to its own target, as papers on super-resolution and restoration measure it.

They leave out a border as wide as the scale, compare levels of 0 to 255, often of the brightness alone, and take the
mean over pictures of what each picture scores. Brightness and colour differ by one to two decibels.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, final

import torch
from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure

MOST_DECIBELS = 100.0
"""Of a picture that equals its target, whose PSNR would be infinite."""
_WINDOW = 11


class PairScore(ABC):
    """A number for each pair of pictures. Higher is better.

    Args:
        luma: whether only the brightness Y is compared, of ITU-R BT.601 in the range 16 to 235 as video has it;
            otherwise all channels are.

    Attributes:
        smallest: height and width that pictures must at least have, without their border.
    """

    smallest: ClassVar[int] = 1

    def __init__(self, luma: bool) -> None:
        self.luma = luma

    @abstractmethod
    def compare(self, output: Tensor, target: Tensor) -> Tensor:
        """The score (B,) of pictures (B, C, H, W) with levels of 0 to 255."""

    def __call__(self, output: Tensor, target: Tensor, border: int) -> Tensor:
        """The score of each pair (B,), float64.

        Args:
            output, target: pictures (B, C, H, W) with levels of 0 to 255, of 1 or 3 channels if brightness is compared.
            border: pixels that are left out on each side.
        """
        pair = [_inside(picture.double(), border) for picture in (output, target)]
        return self.compare(*(map(luma, pair) if self.luma else pair))


@final
class PSNR(PairScore):
    """Peak signal-to-noise ratio in decibels, 10 log10(255^2 / mean squared error); at most `MOST_DECIBELS`.

    >>> grey = torch.full((1, 3, 8, 8), 100.0)
    >>> PSNR(luma=False)(grey, grey + 5, border=0)  # 20 log10(255 / 5)
    tensor([34.1514], dtype=torch.float64)
    """

    def compare(self, output: Tensor, target: Tensor) -> Tensor:
        error = (output - target).square().flatten(1).mean(1)
        return (10 * torch.log10(255**2 / error)).clamp(max=MOST_DECIBELS)


@final
class SSIM(PairScore):
    """Structural similarity (Wang et al. 2004, doi:10.1109/TIP.2003.819861) of Gaussian windows of 11 x 11 pixels that
    lie wholly inside of the picture; the mean over channels."""

    smallest = _WINDOW

    def compare(self, output: Tensor, target: Tensor) -> Tensor:
        _, similar = structural_similarity_index_measure(
            output, target, data_range=255.0, reduction="none", return_full_image=True
        )
        assert isinstance(similar, Tensor)
        return _inside(similar, _WINDOW // 2).flatten(1).mean(1)


def luma(picture: Tensor) -> Tensor:
    """The brightness Y (B, 1, H, W) of colour or grey pictures (B, C, H, W) with levels of 0 to 255, from 16 to 235.

    >>> luma(torch.tensor([0.0, 255.0]).view(2, 1, 1, 1).expand(2, 3, 1, 1)).flatten()
    tensor([ 16., 235.])
    """
    colours = 1 if picture.shape[1] < 3 else 3  # a second channel is opacity
    red, green, blue = (picture[:, i % colours] for i in range(3))
    return (16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255)[:, None]


def _inside(picture: Tensor, border: int) -> Tensor:
    height, width = picture.shape[-2:]
    return picture[..., border : height - border, border : width - border]
