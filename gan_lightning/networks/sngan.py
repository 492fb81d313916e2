"""SNGAN's plain convolutional networks (Miyato et al. 2018, arXiv:1802.05957, table 3), for any side that 8 divides.

Its residual networks are those of `resnet.py`.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator, Generator, check_size
from gan_lightning.networks.layers.conditioning import GeneratorNorm, Head, ImageInput, Latent
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import Few, Size

CHANGES = 3
"""How often these networks double or halve, whatever the resolution."""


def _smallest(resolution: int, network: str) -> int:
    """The side of the smallest maps.

    Raises:
        SettingError: a resolution that does not fit.
    """
    check_size([resolution, resolution], 2**CHANGES, 16, f"{network} that changes size {CHANGES} times")
    return resolution // 2**CHANGES


def _begun(layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear) -> nn.Module:
    nn.init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


@final
class SNGANGenerator(Generator):
    """Noise, linear layer, three transposed convolutions, a last convolution, tanh.

    Table 3a at 32 pixels with width 64: the noise (B, 128) -> `to_map` (B, 512, 4, 4) -> `layers`, 4x4 and stride 2, to
    (B, 256, 8, 8), (B, 128, 16, 16), (B, 64, 32, 32), norm and ReLU behind each -> `to_image`, 3x3, (B, 3, 32, 32).

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a multiple of 8 from 16.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        norm: builds the `GeneratorNorm` behind a layer from the number of channels and the length of c.
        width: channels before the last convolution; they double towards the noise.
        latent_dim: length of the noise vector.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: a resolution that does not fit.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        latent: Callable[[int, int], Latent],
        norm: Callable[[int, int], GeneratorNorm],
        width: Size = 64,
        latent_dim: Size = 128,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.latent_dim, self.side = latent_dim, _smallest(resolution, "an SNGAN generator")
        maps = [width * 2**i for i in reversed(range(CHANGES + 1))]
        self.embedder = embedder or NoCondition()
        self.latent = latent(latent_dim, self.embedder.features)
        self.to_map = _begun(nn.Linear(self.latent.features, maps[0] * self.side**2))
        self.layers = nn.ModuleList(_begun(nn.ConvTranspose2d(a, b, 4, 2, 1)) for a, b in pairwise(maps))
        self.norms = nn.ModuleList(norm(wide, self.embedder.features) for wide in maps)
        self.to_image = _begun(nn.Conv2d(width, channels, 3, padding=1))

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        c = self.embedder(condition)
        x = self.to_map(self.latent(z, c)).unflatten(1, (-1, self.side, self.side))
        x = F.relu(self.norms[0](x, c))
        for layer, norm in zip(self.layers, self.norms[1:], strict=True):
            x = F.relu(norm(layer(x), c))
        return torch.tanh(self.to_image(x))


@final
class SNGANDiscriminator(Discriminator):
    """Seven convolutions with LeakyReLU(0.1), head.

    Table 3b at 32 pixels with width 64: (B, 3, 32, 32) -> pairs of a 3x3 convolution and a 4x4 one of stride 2, of 64,
    128 and 256 channels, the 4x4 ones making the next number -> a 3x3 convolution, (B, 512, 4, 4), all of whose numbers
    are the features.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a multiple of 8 from 16.
        norm: normalisation of every layer but the first (spectral norm: every layer). A convolution before a norm with
            its own shift has no bias.
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        width: channels of the first layer; they double with every halving.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: a resolution that does not fit.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        head: Callable[[int, Norm, int], Head],
        width: Size = 64,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        side = _smallest(resolution, "an SNGAN discriminator")
        maps = [width * 2**i for i in range(CHANGES + 1)]
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        layers: list[nn.Module] = [norm.weight(_begun(nn.Conv2d(self.image.channels, width, 3, padding=1)))]
        layers.append(nn.LeakyReLU(0.1))
        for narrow, wide in pairwise(maps):
            for after, kernel, stride in ((wide, 4, 2), (wide, 3, 1)):
                layer = nn.Conv2d(narrow, after, kernel, stride, padding=1, bias=not norm.affine)
                layers += [norm.weight(_begun(layer)), norm.activation(after), nn.LeakyReLU(0.1)]
                narrow = after
        self.layers = nn.Sequential(*layers, nn.Flatten())
        self.feature_dim = maps[-1] * side**2
        self.head = head(self.feature_dim, norm, self.embedder.features)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        features = self.layers(self.image(image, c))
        return Verdict(self.head(features, c), features)
