"""BEGAN's networks (Berthelot et al. 2017, arXiv:1703.10717, section 3.5 and figure 1), at any power-of-two resolution
from 16: 3x3 convolutions with ELU, two at each size, without normalisation."""

from collections.abc import Callable
from typing import TypeVar, final

from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator, Generator, doublings
from gan_lightning.networks.layers.conditioning import ImageInput, Latent
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.initialisation import GLOROT
from gan_lightning.networks.layers.norm import NoNorm, Norm
from gan_lightning.ranges import Few, Size

START = 8  # pixels a side of the smallest map

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)


def _begun(layer: Layer) -> Layer:
    """The layer with Glorot's weights and without a shift.

    With torch's own weights every layer makes signals smaller, and here no norm makes them larger again: at first all
    noise gives nearly the same image, and an energy that G makes smaller does not bring images apart.
    """
    GLOROT(layer.weight, 1.0)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def _convolutions(channels: int, width: int, norm: Norm, stride: int = 1) -> list[nn.Module]:
    layer = _begun(nn.Conv2d(channels, width, 3, stride, 1, bias=not norm.affine))
    return [norm.weight(layer), norm.activation(width), nn.ELU()]


def decoder(inputs: int, channels: int, resolution: int, width: int, norm: Norm) -> nn.Sequential:
    """Vectors (B, inputs) to maps (B, channels, resolution, resolution) without bounds.

    A linear layer onto 8x8 with `width` channels, which no layer but the last changes; then two convolutions at each
    size, with nearest up-sampling between sizes; one more to the channels (figure 1, right).
    """
    layers: list[nn.Module] = [_begun(nn.Linear(inputs, width * START**2)), nn.Unflatten(1, (width, START, START))]
    for stage in range(doublings(resolution, START) + 1):
        layers += [nn.Upsample(scale_factor=2)] if stage else []
        layers += [*_convolutions(width, width, norm), *_convolutions(width, width, norm)]
    return nn.Sequential(*layers, _begun(nn.Conv2d(width, channels, 3, padding=1)))


def encoder(channels: int, outputs: int, resolution: int, width: int, norm: Norm) -> nn.Sequential:
    """Maps (B, channels, resolution, resolution) to vectors (B, outputs).

    A convolution to `width` channels; then at the i-th size two convolutions with i `width` channels, and a strided one
    between sizes; a linear layer from 8x8 (figure 1, left).
    """
    stages = doublings(resolution, START) + 1
    layers, before = _convolutions(channels, width, norm), width
    for stage in range(1, stages + 1):
        layers += [*_convolutions(before, stage * width, norm), *_convolutions(stage * width, stage * width, norm)]
        layers += _convolutions(stage * width, stage * width, norm, stride=2) if stage < stages else []
        before = stage * width
    return nn.Sequential(*layers, nn.Flatten(), _begun(nn.Linear(before * START**2, outputs)))


@final
class BEGANGenerator(Generator):
    """The decoder of `BEGANDiscriminator` with weights of its own. Like the paper's it has no tanh, so its images may
    leave the range.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        width: channels of every hidden layer, the paper's n.
        latent_dim: length of the noise vector.
        embedder: conditions to c; None without conditions.
    """

    bounded = False

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        latent: Callable[[int, int], Latent],
        width: Size = 64,
        latent_dim: Size = 64,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.embedder = embedder or NoCondition()
        self.latent = latent(latent_dim, self.embedder.features)
        self.layers = decoder(self.latent.features, channels, resolution, width, NoNorm())

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        return self.layers(self.latent(z, self.embedder(condition)))


@final
class BEGANDiscriminator(Discriminator):
    """The logit is minus the energy: the mean absolute error, over channels and pixels, of the reconstructed image.

    The planes of a condition are encoded, but not reconstructed. There is no head; the features are the code.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        norm: normalisation of every convolution but the last; the paper has none.
        image: builds the `ImageInput` from the number of channels and the length of c.
        width: channels of the decoder, the paper's n; the encoder's grow by as many with each halving.
        code: length of the code, the paper's N_h.
        embedder: conditions to c; None without conditions.
    """

    gives_energy = True

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        width: Size = 64,
        code: Size = 64,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        self.encoder = encoder(self.image.channels, code, resolution, width, norm)
        self.decoder = decoder(code, channels, resolution, width, norm)
        self.feature_dim = code

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        code = self.encoder(self.image(image, self.embedder(condition)))
        energy = (self.decoder(code) - image).abs().flatten(1).mean(1, keepdim=True)
        return Verdict(-energy, code)
