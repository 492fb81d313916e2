"""Fully connected networks, as in the first GAN (Goodfellow et al. 2014, arXiv:1406.2661, section 5).

Differs from the paper: LeakyReLU(0.2) in place of maxout and dropout in D, tanh in place of the sigmoid,
because images here lie in [-1, 1].
"""

import itertools
from collections.abc import Callable, Sequence
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator, Generator
from gan_lightning.networks.layers.conditioning import GeneratorNorm, Head, ImageInput, Latent
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.norm import Norm, check_pixels
from gan_lightning.ranges import Few, Size


@final
class MLPGenerator(Generator):
    """Noise through hidden layers (linear, norm, ReLU) to all pixels at once.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels.
        hidden: units of each hidden layer.
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
        hidden: Sequence[Size] = (256, 512),
        latent_dim: Size = 100,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.shape = (channels, resolution, resolution)
        self.embedder = embedder or NoCondition()
        self.latent = latent(latent_dim, self.embedder.features)
        widths = [self.latent.features, *hidden]
        norms = [norm(n, self.embedder.features) for n in hidden]
        # A norm with a shift of its own makes the bias before it redundant.
        pairs = zip(itertools.pairwise(widths), norms, strict=True)
        self.layers = nn.ModuleList(nn.Linear(a, b, bias=not norm.affine) for (a, b), norm in pairs)
        self.norms = nn.ModuleList(norms)
        self.to_image = nn.Linear(widths[-1], channels * resolution * resolution)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        c = self.embedder(condition)
        x = self.latent(z, c)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            # Norms are written for maps: a vector is a map of one pixel.
            x = norm(layer(x)[:, :, None, None], c).flatten(1).relu()
        return torch.tanh(self.to_image(x)).unflatten(1, self.shape)


@final
class MLPDiscriminator(Discriminator):
    """All pixels through hidden layers (linear, norm, LeakyReLU) to the head.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels.
        hidden: units of each hidden layer.
        norm: normalisation of every layer but the first (spectral norm: every layer).
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        embedder: conditions to c; None without conditions.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        head: Callable[[int, Norm, int], Head],
        hidden: Sequence[Size] = (512, 256),
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        others = "critic_norm=layer, critic_norm=spectral, critic_norm=batch or critic_norm=none"
        check_pixels(norm, 1, "a vector of hidden units (network=mlp)", others)
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        inputs = self.image.channels * resolution * resolution
        layers: list[nn.Module] = [nn.Flatten(), norm.weight(nn.Linear(inputs, hidden[0])), nn.LeakyReLU(0.2)]
        for a, b in itertools.pairwise(hidden):
            as_map = nn.Unflatten(1, (b, 1, 1))
            layers += [norm.weight(nn.Linear(a, b, bias=not norm.affine)), as_map, norm.activation(b)]
            layers += [nn.Flatten(), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers)
        self.feature_dim = hidden[-1]
        self.head = head(self.feature_dim, norm, self.embedder.features)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        features = self.layers(self.image(image, c))
        return Verdict(self.head(features, c), features)
