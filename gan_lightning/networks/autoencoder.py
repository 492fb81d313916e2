"""EBGAN's discriminator (Zhao et al. 2016, arXiv:1609.03126, section 2.3), in DCGAN's layers: an autoencoder judges an
image by how badly it reconstructs it."""

import itertools
from collections.abc import Callable, Sequence
from math import prod
from typing import final

from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator
from gan_lightning.networks.dcgan import halving_layers, halvings, initialise_dcgan
from gan_lightning.networks.layers.conditioning import ImageInput
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import Few, Size


@final
class AutoencoderDiscriminator(Discriminator):
    """The logit is minus the energy: the mean squared error, over channels and pixels, of the reconstructed image.

    The encoder is that of `DCGANDiscriminator`, one strided convolution per halving down to a 4x4 code; the decoder
    goes back with transposed convolutions and ReLU, and ends with tanh. The planes of a condition are encoded, but not
    reconstructed. There is no head; the features are the code.

    Args:
        channels: of the image, 1 to 4.
        size: (height, width) of the image. The shorter side gives the depth (see `halvings`).
        width: channels of the first layer; each later one has twice as many.
        norm: normalisation of every layer but the first and the last (spectral norm: every layer).
        image: builds the `ImageInput` from the number of channels and the length of c.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: a size that does not fit.
    """

    gives_energy = True

    def __init__(
        self,
        channels: Few,
        size: Sequence[Size],
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        width: Size = 64,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        depth = halvings(size, "an autoencoder")
        hidden = [width * 2**i for i in range(depth)]
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)

        def up(wide: int, narrow: int, bias: bool) -> nn.Module:
            return norm.weight(nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=bias).apply(initialise_dcgan))

        decoder: list[nn.Module] = []
        self.encoder = halving_layers(self.image.channels, hidden, norm)
        for wide, narrow in itertools.pairwise(reversed(hidden)):
            decoder += [
                up(wide, narrow, bias=not norm.affine),
                norm.activation(narrow).apply(initialise_dcgan),
                nn.ReLU(),
            ]
        self.decoder = nn.Sequential(*decoder, up(hidden[0], channels, bias=True), nn.Tanh())
        self.feature_dim = hidden[-1] * prod(side // 2**depth for side in size)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        code = self.encoder(self.image(image, c))
        energy = (self.decoder(code) - image).square().flatten(1).mean(1, keepdim=True)
        return Verdict(-energy, code.flatten(1))
