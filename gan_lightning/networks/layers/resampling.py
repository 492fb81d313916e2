"""Larger, smaller and smoother maps through a low-pass filter (Zhang 2019, arXiv:1904.11486), as in StyleGAN
(arXiv:1812.04948) and StyleGAN2 (arXiv:1912.04958, appendix B).

A filter is given by its taps in one direction, such as [1, 3, 3, 1]. It acts on height and width, on every channel by
itself, and outside of a map there are zeros. Constant maps stay what they are, except at the border.
"""

from abc import ABC
from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TAPS = (1, 3, 3, 1)
"""StyleGAN2's filter. Resizing with it equals StyleGAN's: nearest up-sampling before, or mean pooling after, a blur
with [1, 2, 1]."""


class _Filter(nn.Module, ABC):
    """The outer product of the taps with themselves, with sum `gain`, as a kernel (1, 1, n, n)."""

    kernel: Tensor

    def __init__(self, taps: Sequence[int], gain: float = 1.0) -> None:
        super().__init__()
        line = torch.tensor(taps, dtype=torch.get_default_dtype())
        kernel = torch.outer(line, line) * (gain / line.sum().square())
        self.register_buffer("kernel", kernel[None, None], persistent=False)

    def per_channel(self, x: Tensor) -> Tensor:
        """The kernel for each channel of maps (B, C, H, W), as (C, 1, n, n)."""
        return self.kernel.expand(x.shape[1], -1, -1, -1)


@final
class Blur(_Filter):
    """Maps (B, C, H, W) to smoother ones.

    Args:
        taps: of the filter.
        padding: zeros at each side; None keeps the size, for an odd number of taps.
        gain: factor of everything, such as 4 after zeros were put between the pixels.
    """

    def __init__(self, taps: Sequence[int] = (1, 2, 1), padding: int | None = None, gain: float = 1.0) -> None:
        super().__init__(taps, gain)
        self.padding = len(taps) // 2 if padding is None else padding

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.per_channel(x), padding=self.padding, groups=x.shape[1])


@final
class Upsample(_Filter):
    """Maps (B, C, H, W) to (B, C, 2H, 2W): zeros between the pixels, and then the filter.

    Args:
        taps: of the filter, an even number of them.
    """

    def __init__(self, taps: Sequence[int] = TAPS) -> None:
        super().__init__(taps, gain=4.0)
        self.padding = len(taps) // 2 - 1

    def forward(self, x: Tensor) -> Tensor:
        return F.conv_transpose2d(x, self.per_channel(x), stride=2, padding=self.padding, groups=x.shape[1])


@final
class Downsample(_Filter):
    """Maps (B, C, H, W) to (B, C, H/2, W/2): the filter, and then every other pixel.

    Args:
        taps: of the filter, an even number of them.
    """

    def __init__(self, taps: Sequence[int] = TAPS) -> None:
        super().__init__(taps)
        self.padding = len(taps) // 2 - 1

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.per_channel(x), stride=2, padding=self.padding, groups=x.shape[1])
