"""Pix2Pix's U-Net (Isola et al. 2016, arXiv:1611.07004, section 3.2.1 and appendix 6.1.1).

An encoder halves the picture until its shorter side is one pixel, or until it cannot be halved exactly; a
decoder doubles it back, and at every size also gets the encoder's map of that size.
"""

import itertools
from collections.abc import Sequence
from math import gcd
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.networks.contracts import Translator, check_size
from gan_lightning.networks.dcgan import initialise_dcgan
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import BelowOne, Size


@final
class UNet(Translator):
    """Down by 4x4 convolutions of stride 2 and LeakyReLU(0.2), up by transposed ones and ReLU, tanh.

    Every layer starts with an activation and has none at its end, because an encoder's output goes two ways: to the
    next encoder layer, which begins with LeakyReLU, and to the decoder, which begins with ReLU. So no activation may
    work in place.

    As in the authors' PyTorch code, the first and the innermost convolution have no norm, and no bias either if
    the others have none; the last layer always has one. Fully convolutional: a trained network takes every
    multiple of the size at which its innermost map is one pixel.

    Args:
        channels_in, channels_out: of the pictures, 1 to 4.
        size: (height, width) of the training pictures. The largest power of two that divides both, 32 or more,
            gives the depth: 8 at 256 pixels, 5 at 32.
        norm: normalisation of all layers but the first, the innermost and the last (spectral norm: every layer).
        width: channels of the first layer; they double with every layer up to eight times as many.
        dropout: probability of zeroing a channel's pixel in the decoder layers next to the innermost one, three of
            them at 256 pixels, one at 64, none at 32: the authors' PyTorch code, where the paper begins one layer
            deeper. It is the only noise that Pix2Pix has.

    Raises:
        SettingError: a height or width that is not a multiple of 32.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        size: Sequence[Size],
        norm: Norm,
        width: Size = 64,
        dropout: BelowOne = 0.5,
    ) -> None:
        super().__init__()
        check_size(size, multiple=32, minimum=32, network="a U-Net")
        common = gcd(*size)
        self.multiple = self.minimum = common & -common  # the lowest bit that is set
        depth = self.multiple.bit_length() - 1
        widths = [width * min(2**i, 8) for i in range(depth)]

        def down(narrow: int, wide: int) -> nn.Module:
            layer = nn.Conv2d(narrow, wide, 4, stride=2, padding=1, bias=not norm.affine)
            return norm.weight(layer.apply(initialise_dcgan))

        def up(wide: int, narrow: int, bias: bool) -> nn.Module:
            layer = nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1, bias=bias)
            return norm.weight(layer.apply(initialise_dcgan))

        def normalise(channels: int) -> nn.Module:
            return norm.activation(channels).apply(initialise_dcgan)

        self.downs = nn.ModuleList([down(channels_in, width)])
        for narrow, wide in itertools.pairwise(widths[:-1]):
            self.downs.append(nn.Sequential(nn.LeakyReLU(0.2), down(narrow, wide), normalise(wide)))
        self.innermost = nn.Sequential(nn.LeakyReLU(0.2), down(widths[-2], widths[-1]))

        self.ups = nn.ModuleList()
        wide = widths[-1]
        for i, narrow in enumerate(reversed(widths[:-1])):
            noise = [nn.Dropout(dropout)] if dropout and 1 <= i <= depth - 5 else []
            self.ups.append(nn.Sequential(nn.ReLU(), up(wide, narrow, not norm.affine), normalise(narrow), *noise))
            wide = 2 * narrow  # the layer's own output beside the encoder's
        self.to_image = nn.Sequential(nn.ReLU(), up(wide, channels_out, True), nn.Tanh())

    def forward(self, image: Tensor) -> Tensor:
        seen = []
        x = image
        for down in self.downs:
            x = down(x)
            seen.append(x)
        x = self.innermost(x)
        for up, across in zip(self.ups, reversed(seen), strict=True):
            x = up(x)
            if x.requires_grad:
                x.register_hook(_gathered)
            x = torch.cat([across, x], 1)
        return self.to_image(x)


def _gathered(gradient: Tensor) -> Tensor:
    """With channels last, a copy without gaps of this part of the gradient: batch norm is slow on a CPU otherwise."""
    return gradient.contiguous(memory_format=torch.channels_last) if gradient.stride(1) == 1 else gradient
