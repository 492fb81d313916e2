"""Self-attention over the pixels of a map, as SAGAN brought it into generators and discriminators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from gan_lightning.errors import SettingError
from gan_lightning.networks.layers.weighted import Layers
from gan_lightning.ranges import Size, within


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """What each query reads: the mean of all values, weighted with softmax over the keys of <query, key>.

    The inner products are not divided by the root of the dimension. The order of the keys does not matter.

    Args:
        query: (B, N, D).
        key: (B, M, D).
        value: (B, M, V).

    Returns:
        (B, N, V).
    """
    # Only the plain implementation can be differentiated twice, which gradient penalties do.
    with sdpa_kernel(SDPBackend.MATH):
        return F.scaled_dot_product_attention(query[:, None], key[:, None], value[:, None], scale=1.0)[:, 0]


@final
class SelfAttention(nn.Module):
    """Every pixel of a map reads from all others (Zhang et al. 2018, arXiv:1805.08318, as in the authors' code).

    The paper's figure 2 in the terms of this class, for maps x (B, C, H, W):

        f(x) = `query`(x)                   (B, C / 8, H, W)
        g(x) = `key`(x), max-pooled         (B, C / 8, H / 2, W / 2)
        h(x) = `value`(x), max-pooled       (B, C / 2, H / 2, W / 2)
        v(.) = `output`                     (B, C, H, W)
        x + `gain` v(attend(f, g, h))       (B, C, H, W)

    All four are 1x1 convolutions. `gain` starts at zero, so that at first the layer changes nothing. The figure itself
    has no pooling.

    Args:
        channels: C.
        layers: makes the convolutions.
        bias: whether they have biases: SAGAN's do, BigGAN's do not.
    """

    def __init__(self, channels: int, layers: Layers, bias: bool = False) -> None:
        super().__init__()
        narrow, half = max(1, channels // 8), max(1, channels // 2)
        self.query = layers.conv(channels, narrow, 1, bias=bias)
        self.key = layers.conv(channels, narrow, 1, bias=bias)
        self.value = layers.conv(channels, half, 1, bias=bias)
        self.output = layers.conv(half, channels, 1, bias=bias)
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        query = self.query(x).flatten(2).transpose(1, 2)
        key, value = (F.max_pool2d(made(x), 2).flatten(2).transpose(1, 2) for made in (self.key, self.value))
        read = attend(query, key, value).transpose(1, 2).unflatten(2, x.shape[2:])
        return x + self.gain * self.output(read)


@dataclass(frozen=True)
class Attention:
    """Where in a network there is attention.

    Attributes:
        side: of the maps behind which it is: of those, or of half the image if that is smaller. SAGAN has 32 and
            BigGAN 64 at 128 pixels.
        bias: whether its convolutions have biases.
    """

    side: Size
    bias: bool = False

    def __post_init__(self) -> None:
        within("network.attention.side", Size, self.side)


def attention_behind(
    attention: Attention | None, resolution: int, sides: Sequence[int], channels: Sequence[int], layers: Layers
) -> nn.ModuleList:
    """For each block of a network what comes behind it: once, behind the first that makes maps of the wanted side,
    attention; otherwise nothing.

    Args:
        attention: where it is wanted; None for nowhere.
        resolution: of the images.
        sides, channels: of the maps that each block makes; a side of 0 where there can be none.
        layers: makes its convolutions.

    Raises:
        SettingError: no block makes maps of that side.
    """
    behind: list[nn.Module] = [nn.Identity() for _ in sides]
    if attention is not None:
        side = min(attention.side, resolution // 2)
        if side not in sides:
            raise SettingError(
                f"network.attention.side={attention.side}: follows a block, and the blocks of this network make maps "
                f"of {', '.join(map(str, sorted({*sides} - {0})))} pixels a side"
            )
        place = [*sides].index(side)
        behind[place] = SelfAttention(channels[place], layers, attention.bias)
    return nn.ModuleList(behind)
