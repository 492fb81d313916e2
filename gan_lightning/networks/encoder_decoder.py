"""DiscoGAN's translator (Kim et al. 2017, arXiv:1703.05192, section 3.1; layers as in the authors' code)."""

import itertools
from collections.abc import Sequence
from math import prod
from typing import final

from torch import Tensor, nn

from gan_lightning.networks.contracts import Translator
from gan_lightning.networks.dcgan import halvings, initialise_dcgan
from gan_lightning.networks.layers.norm import Norm, check_pixels
from gan_lightning.ranges import Size


@final
class EncoderDecoder(Translator):
    """A DCGAN discriminator down to a code and a DCGAN generator back to a picture, without skip connections.

    4x4 convolutions of stride 2 down to a 4x4 map, LeakyReLU(0.2); one more without padding to the code; then the
    same sizes backwards with transposed convolutions and ReLU. The authors end with a sigmoid, here it is tanh,
    because images lie in [-1, 1]. Like theirs, no layer has a bias if the norm brings one.

    Args:
        channels_in, channels_out: of the pictures, 1 to 4.
        size: (height, width) of the training pictures. The shorter side, 16 or more, gives the depth, one strided
            convolution per halving down to 4 (four at 64 pixels), and both must be halved that often exactly.
        norm: normalisation after every layer but the first and the last (spectral norm: every layer).
        width: channels of the first layer; each further one has twice as many.
        bottleneck: channels of the code.

    Raises:
        SettingError: a size that does not fit, or a norm over pixels where the code has one pixel.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        size: Sequence[Size],
        norm: Norm,
        width: Size = 64,
        bottleneck: Size = 100,
    ) -> None:
        super().__init__()
        depth = halvings(size, "an encoder-decoder")
        self.multiple, self.minimum = 2**depth, 4 * 2**depth
        code = prod(side // self.multiple - 3 for side in size)
        check_pixels(
            norm,
            code,
            "the bottleneck of an encoder-decoder",
            "network.translator.norm._target_=gan_lightning.networks.BatchNorm (or LayerNorm, SpectralNorm, NoNorm)",
        )
        widths = [width * 2**i for i in range(depth)]

        def down(narrow: int, wide: int, stride: int, padding: int) -> nn.Module:
            layer = nn.Conv2d(narrow, wide, 4, stride, padding, bias=not norm.affine)
            return norm.weight(layer.apply(initialise_dcgan))

        def up(wide: int, narrow: int, stride: int, padding: int) -> nn.Module:
            layer = nn.ConvTranspose2d(wide, narrow, 4, stride, padding, bias=not norm.affine)
            return norm.weight(layer.apply(initialise_dcgan))

        def normalise(channels: int) -> nn.Module:
            return norm.activation(channels).apply(initialise_dcgan)

        layers: list[nn.Module] = [down(channels_in, width, 2, 1), nn.LeakyReLU(0.2)]
        for narrow, wide in itertools.pairwise(widths):
            layers += [down(narrow, wide, 2, 1), normalise(wide), nn.LeakyReLU(0.2)]
        layers += [down(widths[-1], bottleneck, 1, 0), normalise(bottleneck), nn.LeakyReLU(0.2)]
        layers += [up(bottleneck, widths[-1], 1, 0), normalise(widths[-1]), nn.ReLU()]
        for wide, narrow in itertools.pairwise(reversed(widths)):
            layers += [up(wide, narrow, 2, 1), normalise(narrow), nn.ReLU()]
        self.layers = nn.Sequential(*layers, up(width, channels_out, 2, 1), nn.Tanh())

    def forward(self, image: Tensor) -> Tensor:
        return self.layers(image)
