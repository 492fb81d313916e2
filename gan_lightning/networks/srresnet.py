"""SRResNet, the generator of SRGAN (Ledig et al. 2017, arXiv:1609.04802, figure 4)."""

import math
from typing import final

from torch import Tensor, nn

from gan_lightning.networks.contracts import Translator, enlargements
from gan_lightning.networks.layers.norm import BatchNorm, Norm
from gan_lightning.ranges import Few, Size


class _ResidualBlock(nn.Module):
    """The map plus two 3x3 convolutions of it; no activation after the sum."""

    def __init__(self, width: int, norm: Norm) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            norm.weight(nn.Conv2d(width, width, 3, padding=1)),
            norm.activation(width),
            nn.PReLU(),
            norm.weight(nn.Conv2d(width, width, 3, padding=1)),
            norm.activation(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.residual(x)


@final
class SRResNet(Translator):
    """A picture to one that is `scale` times higher and wider; at scale 1 it restores pictures of the same size.

    The figure's rows are these parts, with maps of (B, width, h, w) for pictures of h x w pixels:

    - `first`: 9x9 convolution, PReLU (k9n64s1).
    - `blocks`: `blocks` residual blocks of 3x3 convolution, norm, PReLU, 3x3 convolution, norm (k3n64s1), then a 3x3
      convolution and a norm, to which the output of `first` is added.
    - `enlarge`: for each doubling a 3x3 convolution to 4 width channels (k3n256s1), pixel shuffle (Shi et al. 2016,
      arXiv:1609.05158) to (B, width, 2h, 2w), PReLU.
    - `to_image`: 9x9 convolution (k9n3s1). As in the paper there is no activation at the end. After training, values
      are cut off at -1 and 1; while training they are not, so that they get a gradient back.

    Args:
        channels_in, channels_out: of the pictures, 1 to 4.
        scale: 1, 2, 4 or 8.
        norm: after the convolutions of the blocks; batch norm in the paper.
        width: channels of every map; 64 in the paper.
        blocks: residual blocks; 16 in the paper.

    Raises:
        SettingError: another scale.
    """

    multiple = minimum = 1

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        scale: Few = 4,
        norm: Norm | None = None,
        width: Size = 64,
        blocks: Few = 16,
    ) -> None:
        super().__init__()
        norm = norm or BatchNorm()
        doublings = enlargements(scale, "SRResNet")
        self.scale = scale
        self.first = nn.Sequential(nn.Conv2d(channels_in, width, 9, padding=4), nn.PReLU())
        self.blocks = nn.Sequential(
            *(_ResidualBlock(width, norm) for _ in range(blocks)),
            norm.weight(nn.Conv2d(width, width, 3, padding=1)),
            norm.activation(width),
        )
        self.enlarge = nn.Sequential(*(_doubling(width) for _ in range(doublings)))
        self.to_image = nn.Conv2d(width, channels_out, 9, padding=4)
        # Each doubling and the last layer see less of the source the larger the map is.
        further = sum(2.0**-i for i in range(doublings)) + 4 / scale
        self.reach = 4 + 2 * blocks + 1 + math.ceil(further) if norm.local else None

    def forward(self, image: Tensor) -> Tensor:
        x = self.first(image)
        x = self.enlarge(x + self.blocks(x))
        image = self.to_image(x)
        return image if self.training else image.clamp(-1, 1)


def _doubling(width: int) -> nn.Module:
    """(B, width, h, w) to (B, width, 2h, 2w)."""
    return nn.Sequential(nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2), nn.PReLU())
