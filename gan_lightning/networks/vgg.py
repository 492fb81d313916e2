"""Discriminators in the style of VGG: pairs of convolutions, of which the second halves the map, and two linear layers.

They judge whole windows of the size that they were built for, with one logit each.
"""

from collections.abc import Sequence
from typing import final

from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator, check_size
from gan_lightning.networks.layers.norm import Norm, check_pixels
from gan_lightning.ranges import Few, Size


def _layer(
    channels_in: int, channels_out: int, kernel: int, stride: int, norm: Norm | None, bias: bool
) -> list[nn.Module]:
    """A convolution that keeps or halves the map, its norm if there is one, and LeakyReLU(0.2)."""
    layer = nn.Conv2d(channels_in, channels_out, kernel, stride, padding=1, bias=bias)
    after = [] if norm is None else [norm.activation(channels_out)]
    return [layer if norm is None else norm.weight(layer), *after, nn.LeakyReLU(0.2)]


class _VGGDiscriminator(Discriminator):
    """What both have in common: `layers` to a map, `judge` from the map to the logit.

    The features (B, F) are the last map, which says what is where in the window. Conditions are ignored.
    """

    layers: nn.Module
    judge: nn.Module

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        features = self.layers(image).flatten(1)
        return Verdict(self.judge(features), features)


@final
class SRGANDiscriminator(_VGGDiscriminator):
    """The discriminator of SRGAN (Ledig et al. 2017, arXiv:1609.04802, figure 4).

    3x3 convolutions of width, width (halving), 2 width, 2 width (halving) ... to 8 width channels, a linear layer of
    16 width units with LeakyReLU(0.2), and one to the logit. All but the first convolution are normalised; all have a
    bias. Windows of 96 pixels end as maps of (B, 512, 6, 6) in the paper.

    Args:
        channels: of the pictures.
        size: (height, width) of the windows, multiples of 16.
        norm: of all convolutions but the first; batch norm in the paper.
        width: channels of the first convolution; 64 in the paper.

    Raises:
        SettingError: a size that cannot be halved four times, or is too small for the norm.
    """

    def __init__(self, channels: Few, size: Sequence[Size], norm: Norm, width: Size = 64) -> None:
        super().__init__()
        check_size(size, 16, 16, "SRGAN's discriminator")
        pixels = _pixels(size, 16, norm)
        widths = [width * 2**i for i in range(4)]
        layers = _layer(channels, width, 3, 1, None, bias=True)
        narrow = width
        for wide in widths:
            layers += _layer(narrow, wide, 3, 1, norm, bias=True) if wide != narrow else []
            layers += _layer(wide, wide, 3, 2, norm, bias=True)
            narrow = wide
        self.layers = nn.Sequential(*layers)
        self.feature_dim = narrow * pixels
        self.judge = _judge(self.feature_dim, 16 * width)


@final
class VGGDiscriminator(_VGGDiscriminator):
    """The discriminator of ESRGAN in the authors' code (Wang et al. 2018, arXiv:1809.00219).

    As SRGAN's, but the halving convolutions are 4x4, there are five of them, and the first linear layer has 100 units.
    Windows of 128 pixels end as maps of (B, 512, 4, 4) in the paper.

    Args:
        channels: of the pictures.
        size: (height, width) of the windows, multiples of 32.
        norm: of all convolutions but the first; batch norm in the paper.
        width: channels of the first convolution; 64 in the paper.

    Raises:
        SettingError: a size that cannot be halved five times, or is too small for the norm.
    """

    def __init__(self, channels: Few, size: Sequence[Size], norm: Norm, width: Size = 64) -> None:
        super().__init__()
        check_size(size, 32, 32, "ESRGAN's discriminator")
        pixels = _pixels(size, 32, norm)
        bias = not norm.affine
        layers = [*_layer(channels, width, 3, 1, None, bias=True), *_layer(width, width, 4, 2, norm, bias)]
        narrow = width
        for wide in [2 * width, 4 * width, 8 * width, 8 * width]:
            layers += [*_layer(narrow, wide, 3, 1, norm, bias), *_layer(wide, wide, 4, 2, norm, bias)]
            narrow = wide
        self.layers = nn.Sequential(*layers)
        self.feature_dim = narrow * pixels
        self.judge = _judge(self.feature_dim, 100)


def _judge(features: int, hidden: int) -> nn.Module:
    """From the features (B, F) to the logits (B, 1)."""
    return nn.Sequential(nn.Linear(features, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1))


def _pixels(size: Sequence[int], shrink: int, norm: Norm) -> int:
    """Of the last map, which the norm has to be able to normalise."""
    height, width = size
    pixels = (height // shrink) * (width // shrink)
    check_pixels(norm, pixels, "the last map of this discriminator", "a larger dataset.resolution, or critic_norm=none")
    return pixels
