"""RRDBNet, the generator of ESRGAN (Wang et al. 2018, arXiv:1809.00219, figures 3 and 4)."""

import math
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks.contracts import Translator, enlargements
from gan_lightning.ranges import Few, Size

DAMPING = 0.2
"""Factor of what is added to a map, in every dense block and again in every block of three (the paper's beta)."""


class DenseBlock(nn.Module):
    """Five 3x3 convolutions, each of which sees the map and the outputs of all before it; 0.2 of the last is added.

    Args:
        width: channels of the map.
        growth: channels that each of the first four convolutions makes.
    """

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        made = [growth] * 4 + [width]
        self.layers = nn.ModuleList(
            [nn.Conv2d(width + i * growth, channels, 3, padding=1) for i, channels in enumerate(made)]
        )
        for layer in self.layers:
            assert isinstance(layer, nn.Conv2d)
            assert layer.bias is not None
            nn.init.kaiming_normal_(layer.weight)  # a tenth of it: small at first, as what is added should be
            layer.weight.data.mul_(0.1)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        seen = [x]
        for layer in self.layers[:-1]:
            seen.append(F.leaky_relu(layer(torch.cat(seen, 1)), 0.2))
        return x + DAMPING * self.layers[-1](torch.cat(seen, 1))


class RRDB(nn.Module):
    """A residual block of three dense blocks: the map, plus 0.2 of what they make of it.

    The dense blocks carry the map along. So where they add nothing to it, the result is 1.2 times the map, as in the
    authors' code.
    """

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(*(DenseBlock(width, growth) for _ in range(3)))

    def forward(self, x: Tensor) -> Tensor:
        return x + DAMPING * self.dense(x)


@final
class RRDBNet(Translator):
    """A picture to one that is `scale` times higher and wider; at scale 1 it restores pictures of the same size.

    With maps of (B, width, h, w) for pictures of h x w pixels:

    - `first`: 3x3 convolution.
    - `blocks`: `blocks` RRDBs and a 3x3 convolution, to which the output of `first` is added (figure 3).
    - `enlarge`: for each doubling, nearest-neighbour enlargement, 3x3 convolution, LeakyReLU(0.2).
    - `to_image`: 3x3 convolution, LeakyReLU(0.2), 3x3 convolution. As in the paper there is no activation at the end.
      After training, values are cut off at -1 and 1; while training they are not, so that they get a gradient back.

    There is no normalisation.

    Args:
        channels_in, channels_out: of the pictures, 1 to 4.
        scale: 1, 2, 4 or 8.
        width: channels of every map; 64 in the paper.
        growth: channels that each convolution of a dense block makes; None: half of width, as in the paper.
        blocks: RRDBs; 23 in the paper.

    Raises:
        SettingError: another scale.
    """

    multiple = minimum = 1

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        scale: Few = 4,
        width: Size = 64,
        growth: Size | None = None,
        blocks: Few = 23,
    ) -> None:
        super().__init__()
        growth = growth or max(1, width // 2)
        doublings = enlargements(scale, "RRDBNet")
        self.scale = scale
        self.first = nn.Conv2d(channels_in, width, 3, padding=1)
        self.blocks = nn.Sequential(
            *(RRDB(width, growth) for _ in range(blocks)), nn.Conv2d(width, width, 3, padding=1)
        )
        self.enlarge = nn.Sequential(*(_doubling(width) for _ in range(doublings)))
        self.to_image = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(width, channels_out, 3, padding=1)
        )
        # Convolutions after a doubling see less of the source the larger the map is.
        further = sum(2.0**-i for i in range(1, doublings + 1)) + 2 / scale
        self.reach = 1 + 15 * blocks + 1 + math.ceil(further)

    def forward(self, image: Tensor) -> Tensor:
        x = self.first(image)
        x = self.enlarge(x + self.blocks(x))
        image = self.to_image(x)
        return image if self.training else image.clamp(-1, 1)


def _doubling(width: int) -> nn.Module:
    """(B, width, h, w) to (B, width, 2h, 2w)."""
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2)
    )
