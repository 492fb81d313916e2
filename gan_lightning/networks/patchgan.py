"""Discriminators that judge patches of a picture, each by its own logit (Pix2Pix, arXiv:1611.07004, section 3.2.2).

If they are conditional, one image holds the channels of the source and of the target.
"""

import itertools
from collections.abc import Sequence
from typing import final

from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Discriminator, as_setting
from gan_lightning.networks.dcgan import initialise_dcgan
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import Few, Size, within


def _conv(channels_in: int, channels_out: int, kernel: int, stride: int, norm: Norm, bias: bool) -> nn.Module:
    """1x1 keeps the size, 4x4 halves it at stride 2 and takes one row and one column off at stride 1."""
    layer = nn.Conv2d(channels_in, channels_out, kernel, stride, padding=(kernel - 1) // 2, bias=bias)
    return norm.weight(layer.apply(initialise_dcgan))


@final
class PatchGAN(Discriminator):
    """4x4 convolutions with LeakyReLU(0.2): `layers` of stride 2, one of stride 1, one of stride 1 to the logits.

    A logit sees 70x70 pixels with three strided layers, 34 with two, 16 with one. Labels are ignored; features
    are the last hidden map's means over its pixels.

    Args:
        channels: of the image.
        size: (height, width) of the images; they must leave a map of at least 1x1 logits.
        norm: normalisation after every layer but the first and the last (spectral norm: every layer).
        width: channels of the first layer; they double with every layer up to eight times as many.
        layers: how many halve the picture.

    Raises:
        SettingError: no strided layer, or pictures too small for so many.
    """

    def __init__(self, channels: Few, size: Sequence[Size], norm: Norm, width: Size = 64, layers: Few = 3) -> None:
        super().__init__()
        within("network.discriminator.layers", Few, layers)
        smallest = 3 * 2**layers  # so that three rows are left: each layer of stride 1 takes one off
        if min(size) < smallest:
            raise SettingError(
                f"dataset.resolution={as_setting(size)}: a PatchGAN with network.discriminator.layers={layers} takes "
                f"heights and widths from {smallest}; every layer less halves that"
            )
        hidden = [width * min(2**i, 8) for i in range(layers + 1)]
        strides = [2] * (layers - 1) + [1]
        blocks: list[nn.Module] = [_conv(channels, width, 4, 2, norm, bias=True), nn.LeakyReLU(0.2)]
        for (narrow, wide), stride in zip(itertools.pairwise(hidden), strides, strict=True):
            blocks += [
                _conv(narrow, wide, 4, stride, norm, bias=not norm.affine),
                norm.activation(wide).apply(initialise_dcgan),
                nn.LeakyReLU(0.2),
            ]
        self.layers = nn.Sequential(*blocks)
        self.to_logits = _conv(hidden[-1], 1, 4, 1, norm, bias=True)
        self.feature_dim = hidden[-1]

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        x = self.layers(image)
        return Verdict(self.to_logits(x), x.mean((2, 3)))


@final
class PixelGAN(Discriminator):
    """Judges every pixel by its own colour: 1x1 convolutions (paper, appendix 6.1.2: the 1x1 discriminator).

    Labels are ignored; features are the hidden map's means over its pixels.

    Args:
        channels: of the image.
        norm: normalisation after the middle layer (spectral norm: every layer).
        width: channels of the first layer; the second has twice as many.
    """

    def __init__(self, channels: int, norm: Norm, width: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _conv(channels, width, 1, 1, norm, bias=True),
            nn.LeakyReLU(0.2),
            _conv(width, 2 * width, 1, 1, norm, bias=not norm.affine),
            norm.activation(2 * width).apply(initialise_dcgan),
            nn.LeakyReLU(0.2),
        )
        self.to_logits = _conv(2 * width, 1, 1, 1, norm, bias=True)
        self.feature_dim = 2 * width

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        x = self.layers(image)
        return Verdict(self.to_logits(x), x.mean((2, 3)))
