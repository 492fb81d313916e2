"""DCGAN (Radford et al. 2015, arXiv:1511.06434): a generator at any power-of-two resolution from 16, and a
discriminator that also judges other sizes, as translators make them.

Strided (transposed) 4x4 convolutions, batch normalisation everywhere but at G's output and D's input,
ReLU in G, LeakyReLU(0.2) in D, tanh at the end. At 64 pixels with width 64 the layers are those of the authors'
dcgan.torch: 512-256-128-64 channels. A convolution has a bias unless a norm with a shift of its own follows, which
would make it redundant (dcgan.torch keeps these biases too).
"""

import itertools
from collections.abc import Callable, Sequence
from math import prod
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrize import is_parametrized

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator, Generator, check_size, doublings
from gan_lightning.networks.layers.conditioning import GeneratorNorm, Head, ImageInput, Latent
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import Few, Size


def initialise_dcgan(module: nn.Module) -> None:
    """Weights ~ N(0, 0.02), batch-norm gains ~ N(1, 0.02), biases 0 (paper, section 4; gains: authors' code).

    Weights under spectral norm are not changed, because it divides by their scale.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        if not is_parametrized(module, "weight"):
            nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d) and module.affine:
        nn.init.normal_(module.weight, 1.0, 0.02)


def halvings(size: Sequence[int], network: str) -> int:
    """How often pictures of (height, width) are halved until four to seven pixels are left of the shorter side.

    Args:
        network: what messages call the network, with its article.

    Raises:
        SettingError: a side below 16, or one that cannot be halved that often exactly.
    """
    depth = max(min(size), 16).bit_length() - 3
    check_size(size, 2**depth, 16, f"{network} that halves {depth} times")
    return depth


@final
class DCGANGenerator(Generator):
    """Noise to a 4x4 map, then one doubling per transposed convolution.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        width: channels of the last hidden layer; each earlier one has twice as many.
        latent_dim: length of the noise vector.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        norm: builds a `GeneratorNorm` from the number of channels and the length of c.
        embedder: conditions to c; None without conditions.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        latent: Callable[[int, int], Latent],
        norm: Callable[[int, int], GeneratorNorm],
        width: Size = 64,
        latent_dim: Size = 100,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        hidden = [width * 2**i for i in reversed(range(doublings(resolution, start=4)))]
        self.embedder = embedder or NoCondition()
        self.latent = latent(latent_dim, self.embedder.features)
        norms = [norm(n, self.embedder.features) for n in hidden]
        bias = not norms[0].affine
        # On a 1x1 map a transposed convolution without padding is a linear layer onto 4x4.
        layers = [nn.ConvTranspose2d(self.latent.features, hidden[0], 4, bias=bias)]
        for wide, narrow in itertools.pairwise(hidden):
            layers.append(nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1, bias=bias))
        self.layers = nn.ModuleList(layers)
        self.norms = nn.ModuleList(norms)
        self.to_image = nn.ConvTranspose2d(hidden[-1], channels, 4, stride=2, padding=1)
        self.apply(initialise_dcgan)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        c = self.embedder(condition)
        x = self.latent(z, c)[:, :, None, None]
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = F.relu(norm(layer(x), c))
        return torch.tanh(self.to_image(x))

    def gaussian(self, condition: Tensor) -> tuple[Tensor, Tensor] | None:
        return self.latent.gaussian(self.embedder(condition))


def halving_layers(channels: int, hidden: Sequence[int], norm: Norm) -> nn.Sequential:
    """Images (B, channels, H, W) to maps (B, hidden[-1], h, w): a strided convolution for each of `hidden`, normalised
    from the second on, with LeakyReLU(0.2)."""
    layers: list[nn.Module] = [
        norm.weight(nn.Conv2d(channels, hidden[0], 4, stride=2, padding=1).apply(initialise_dcgan)),
        nn.LeakyReLU(0.2),
    ]
    for narrow, wide in itertools.pairwise(hidden):
        layer = nn.Conv2d(narrow, wide, 4, stride=2, padding=1, bias=not norm.affine)
        layers += [
            norm.weight(layer.apply(initialise_dcgan)),
            norm.activation(wide).apply(initialise_dcgan),
            nn.LeakyReLU(0.2),
        ]
    return nn.Sequential(*layers)


@final
class DCGANDiscriminator(Discriminator):
    """One halving per strided convolution down to 4x4, then the head on the flattened map.

    Args:
        channels: of the image, 1 to 4.
        size: (height, width) of the image. The shorter side gives the depth (see `halvings`): a 32x64 image, for
            example, is halved down to 4x8.
        width: channels of the first layer; each later one has twice as many.
        norm: normalisation of every layer but the first (spectral norm: every layer).
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: a size that does not fit.
    """

    def __init__(
        self,
        channels: Few,
        size: Sequence[Size],
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        head: Callable[[int, Norm, int], Head],
        width: Size = 64,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        depth = halvings(size, "a DCGAN discriminator")
        hidden = [width * 2**i for i in range(depth)]
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        self.layers = halving_layers(self.image.channels, hidden, norm)
        self.feature_dim = hidden[-1] * prod(side // 2**depth for side in size)
        self.head = head(self.feature_dim, norm, self.embedder.features).apply(initialise_dcgan)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        features = self.layers(self.image(image, c)).flatten(1)
        return Verdict(self.head(features, c), features)
