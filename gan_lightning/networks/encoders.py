"""Encoders: from an image to the numbers that describe its latent."""

import itertools
from collections.abc import Callable, Sequence
from math import prod
from typing import final

from torch import Tensor, nn

from gan_lightning.networks.contracts import Encoder
from gan_lightning.networks.dcgan import halving_layers, halvings, initialise_dcgan
from gan_lightning.networks.layers.conditioning import ImageInput
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.norm import Norm, check_pixels
from gan_lightning.ranges import Few, Size


@final
class DCGANEncoder(Encoder):
    """The layers of `DCGANDiscriminator`: a strided convolution for each halving down to 4x4, then a linear layer.

    Args:
        outputs: numbers for each image, filled in by the step.
        channels: of the image, 1 to 4.
        size: (height, width) of the image. The shorter side gives the depth (see `halvings`).
        norm: normalisation of every layer but the first (spectral norm: every layer).
        image: builds the `ImageInput` from the number of channels and the length of c.
        width: channels of the first layer; each later one has twice as many.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: a size that does not fit.
    """

    def __init__(
        self,
        outputs: Size,
        channels: Few,
        size: Sequence[Size],
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        width: Size = 64,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        depth = halvings(size, "a DCGAN encoder")
        hidden = [width * 2**i for i in range(depth)]
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        self.layers = halving_layers(self.image.channels, hidden, norm)
        self.to_code = nn.Linear(hidden[-1] * prod(side // 2**depth for side in size), outputs).apply(initialise_dcgan)

    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        c = self.embedder(condition)
        return self.to_code(self.layers(self.image(image, c)).flatten(1))


@final
class MLPEncoder(Encoder):
    """All pixels through hidden layers (linear, norm, LeakyReLU), then a linear layer. Without hidden layers it is
    linear.

    Args:
        outputs: numbers for each image, filled in by the step.
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels.
        norm: normalisation of every hidden layer.
        image: builds the `ImageInput` from the number of channels and the length of c.
        hidden: units of each hidden layer.
        embedder: conditions to c; None without conditions.
    """

    def __init__(
        self,
        outputs: Size,
        channels: Few,
        resolution: Size,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        hidden: Sequence[Size] = (512, 256),
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        others = "encoder.norm._target_=gan_lightning.networks.NoNorm (or BatchNorm, LayerNorm, SpectralNorm)"
        check_pixels(norm, 1, "a vector of hidden units (encoder=mlp)", others)
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        widths = [self.image.channels * resolution * resolution, *hidden]
        layers: list[nn.Module] = [nn.Flatten()]
        for a, b in itertools.pairwise(widths):
            layers += [norm.weight(nn.Linear(a, b, bias=not norm.affine)), nn.Unflatten(1, (b, 1, 1))]
            layers += [norm.activation(b), nn.Flatten(), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], outputs))

    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        return self.layers(self.image(image, self.embedder(condition)))
