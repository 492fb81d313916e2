"""StarGAN's networks (Choi et al. 2017, arXiv:1711.09020, tables 4 and 5, and the authors' code)."""

from collections.abc import Sequence
from typing import final

from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Discriminator, Translator, as_setting, check_size
from gan_lightning.networks.layers.norm import Norm, check_pixels
from gan_lightning.networks.layers.residual_block import ResidualBlock, normalised
from gan_lightning.ranges import BelowOne, Few, FewOrNone, Size, within


def _as_pytorch_draws(module: nn.Module) -> None:
    """Keeps the weights as they are: the authors leave them to PyTorch."""


@final
class StarGANTranslator(Translator):
    """7x7 convolution, halvings, residual blocks, doublings, 7x7 convolution, tanh (table 4).

    ```
    picture and label planes (B, C + L, H, W)
      conv 7x7                  -> (B, width, H, W)
      `halvings` x conv 4x4, /2 -> (B, 4 width, H/4, W/4) with two of them
      `blocks` residual blocks     two 3x3 convolutions each
      `halvings` x transposed conv 4x4, x2
      conv 7x7, tanh            -> (B, C, H, W)
    ```

    All padding is with zeros. Only with zeros does a plane that is one number everywhere leave a trace at the border
    of the picture: padded by reflection it is still one number everywhere after a convolution, and instance norm
    subtracts it.

    Args:
        channels_in, channels_out: of the picture with its label planes, and of what is made.
        size: (height, width) of the training pictures, multiples of 2**halvings; it does not change the network.
        norm: normalisation after every layer but the last. The authors gather statistics of instance norm and use
            those after training; `AffineInstanceNorm` gathers none.
        width: channels of the first layer (paper: 64); they double with every halving.
        blocks: residual blocks (paper: six).
        halvings: how often the size is halved before the blocks, and doubled after them (paper: twice).
        dropout: probability of zeroing a channel's pixel inside a block; the paper has none.

    Raises:
        SettingError: a height or width that is not such a multiple or too small.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        size: Sequence[Size],
        norm: Norm,
        width: Size = 64,
        blocks: Few = 6,
        halvings: FewOrNone = 2,
        dropout: BelowOne = 0.0,
    ) -> None:
        super().__init__()
        within("network.translator.halvings", FewOrNone, halvings)
        within("network.translator.blocks", Few, blocks)
        self.multiple, self.minimum = 2**halvings, max(4, 2 * 2**halvings)
        check_size(size, self.multiple, self.minimum, "StarGAN's translator")
        bias = not norm.affine

        def layer(convolution: nn.Module, channels: int) -> list[nn.Module]:
            return [*normalised(convolution, channels, norm, _as_pytorch_draws), nn.ReLU()]

        layers = layer(nn.Conv2d(channels_in, width, 7, padding=3, bias=bias), width)
        widths = [width * 2**i for i in range(halvings)]
        for narrow in widths:
            layers += layer(nn.Conv2d(narrow, 2 * narrow, 4, stride=2, padding=1, bias=bias), 2 * narrow)
        inside = width * 2**halvings
        layers += [ResidualBlock(inside, norm, nn.ZeroPad2d, _as_pytorch_draws, dropout) for _ in range(blocks)]
        for narrow in reversed(widths):
            layers += layer(nn.ConvTranspose2d(2 * narrow, narrow, 4, stride=2, padding=1, bias=bias), narrow)
        last = nn.Conv2d(width, channels_out, 7, padding=3, bias=False)
        self.layers = nn.Sequential(*layers, norm.weight(last), nn.Tanh())

    def forward(self, image: Tensor) -> Tensor:
        return self.layers(image)


@final
class StarGANDiscriminator(Discriminator):
    """4x4 convolutions of stride 2 with LeakyReLU(0.01), then a map of logits by a 3x3 convolution (table 5).

    ```
    picture (B, C, H, W)
      `layers` x conv 4x4, /2 -> (B, 32 width, 2, 2) with six of them at 128 pixels
      conv 3x3                -> logits (B, 1, 2, 2)
    features: the last map, flattened (B, 32 width * 2 * 2)
    ```

    A linear layer on the flattened map is the paper's second head, a convolution as large as the map:
    `losses.DomainClassifier`. Labels are ignored.

    Args:
        channels: of the picture.
        size: (height, width) of the pictures.
        norm: normalisation after every layer but the first and the last (paper: none).
        width: channels of the first layer (paper: 64); they double with every layer.
        layers: how many halve the picture; None takes as many as leave two or three pixels of the shorter side, which
            is six at 128, as in the paper.

    Raises:
        SettingError: so many layers leave no pixel, or fewer than the norm needs.
    """

    def __init__(
        self, channels: Few, size: Sequence[Size], norm: Norm, width: Size = 64, layers: Few | None = None
    ) -> None:
        super().__init__()
        most = min(size).bit_length() - 1
        layers = max(1, most - 1) if layers is None else within("network.discriminator.layers", Few, layers)
        if layers > most:
            raise SettingError(
                f"network.discriminator.layers={layers}: pictures of dataset.resolution={as_setting(size)} can be "
                f"halved {most} times at most"
            )
        height, width_of_map = (side >> layers for side in size)
        check_pixels(norm, height * width_of_map, "the last map of the discriminator", "critic_norm=none")
        widths = [width * 2**i for i in range(layers)]
        blocks: list[nn.Module] = [norm.weight(nn.Conv2d(channels, width, 4, 2, 1)), nn.LeakyReLU(0.01)]
        for narrow in widths[:-1]:
            blocks += [
                norm.weight(nn.Conv2d(narrow, 2 * narrow, 4, 2, 1, bias=not norm.affine)),
                norm.activation(2 * narrow),
                nn.LeakyReLU(0.01),
            ]
        self.layers = nn.Sequential(*blocks)
        self.to_logits = norm.weight(nn.Conv2d(widths[-1], 1, 3, padding=1, bias=False))
        self.feature_dim = widths[-1] * height * width_of_map

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        x = self.layers(image)
        return Verdict(self.to_logits(x), x.flatten(1))
