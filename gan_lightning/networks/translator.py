"""CycleGAN's translator (Zhu et al. 2017, arXiv:1703.10593, appendix 7.2), after Johnson et al. 2016
(arXiv:1603.08155): down to a quarter of the size, residual blocks there, and up again."""

from collections.abc import Sequence
from typing import final

from torch import Tensor, nn

from gan_lightning.networks.contracts import Translator, check_size
from gan_lightning.networks.dcgan import initialise_dcgan
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.networks.layers.residual_block import ResidualBlock, normalised
from gan_lightning.ranges import BelowOne, Few, FewOrNone, Size, within


@final
class ResNetTranslator(Translator):
    """7x7 convolution, two halvings, residual blocks, two doublings, 7x7 convolution, tanh.

    Layers that keep the size pad by reflection. The last layer has a bias; the others have one if no norm adds it.

    Args:
        channels_in, channels_out: of the pictures, 1 to 4.
        size: (height, width) of the training pictures, multiples of 2**halvings; it does not change the network.
        norm: normalisation after every layer but the last (spectral norm: every layer).
        width: channels of the first layer; they double with every halving.
        blocks: residual blocks: nine at 256 pixels, six at 128 (paper).
        halvings: how often the size is halved before the blocks, and doubled after them: twice in the paper, never
            where single pixels matter, as in pixel art.
        dropout: probability of zeroing a channel's pixel inside a block; the paper has none.

    Raises:
        SettingError: a height or width that is not such a multiple or too small, or a negative number of halvings.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        size: Sequence[Size],
        norm: Norm,
        width: Size = 64,
        blocks: Few = 9,
        halvings: FewOrNone = 2,
        dropout: BelowOne = 0.0,
    ) -> None:
        super().__init__()
        within("network.translator.halvings", FewOrNone, halvings)
        within("network.translator.blocks", Few, blocks)
        # A map of one pixel has nothing to reflect, and the first layer reflects three.
        self.multiple, self.minimum = 2**halvings, max(4, 2 * 2**halvings)
        check_size(size, self.multiple, self.minimum, "a ResNet translator")
        bias = not norm.affine
        first = nn.Conv2d(channels_in, width, 7, bias=bias)
        layers = [nn.ReflectionPad2d(3), *normalised(first, width, norm, initialise_dcgan), nn.ReLU()]
        widths = [width * 2**i for i in range(halvings)]
        for narrow in widths:
            down = nn.Conv2d(narrow, 2 * narrow, 3, stride=2, padding=1, bias=bias)
            layers += [*normalised(down, 2 * narrow, norm, initialise_dcgan), nn.ReLU()]
        inside = width * 2**halvings
        layers += [ResidualBlock(inside, norm, nn.ReflectionPad2d, initialise_dcgan, dropout) for _ in range(blocks)]
        for narrow in reversed(widths):
            up = nn.ConvTranspose2d(2 * narrow, narrow, 3, stride=2, padding=1, output_padding=1, bias=bias)
            layers += [*normalised(up, narrow, norm, initialise_dcgan), nn.ReLU()]
        last = nn.Conv2d(width, channels_out, 7).apply(initialise_dcgan)
        self.layers = nn.Sequential(*layers, nn.ReflectionPad2d(3), norm.weight(last), nn.Tanh())

    def forward(self, image: Tensor) -> Tensor:
        return self.layers(image)
