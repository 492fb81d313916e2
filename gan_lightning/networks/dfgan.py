"""DF-GAN (Tao et al. 2020, arXiv:2008.05865): deep fusion of text and image in one stage, at any power of two from 16
pixels.

As the authors' code builds them (github.com/tobran/DF-GAN). Networks start as torch initialises them.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator, Generator, doublings
from gan_lightning.networks.dcgan import halvings
from gan_lightning.networks.layers.conditioning import Head, ImageInput
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import Few, Size

WIDEST = 8
"""Most channels of a map, as a multiple of the width."""


def _channels(width: int, doubled: int) -> list[int]:
    """Of the maps from the finest to the coarsest, which has been halved so often."""
    return [width * min(2**i, WIDEST) for i in range(doubled + 1)]


class Affine(nn.Module):
    """A gain and a shift per channel, each by two layers from y (B, condition). At first nothing changes."""

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.gain, self.shift = (
            nn.Sequential(nn.Linear(condition, channels), nn.ReLU(), nn.Linear(channels, channels)) for _ in range(2)
        )
        for layers, start in ((self.gain, 1.0), (self.shift, 0.0)):
            last = layers[2]
            assert isinstance(last, nn.Linear)
            nn.init.zeros_(last.weight)
            nn.init.constant_(last.bias, start)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x * self.gain(y)[:, :, None, None] + self.shift(y)[:, :, None, None]


class Fusion(nn.Module):
    """Twice an affine change and LeakyReLU(0.2): DFBLK in the authors' code."""

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.affine = nn.ModuleList(Affine(channels, condition) for _ in range(2))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        for affine in self.affine:
            x = F.leaky_relu(affine(x, y), 0.2)
        return x


class UpBlock(nn.Module):
    """Maps of twice the size (nearest), plus what two fusions with a convolution each add."""

    def __init__(self, narrow: int, wide: int, condition: int) -> None:
        super().__init__()
        self.fuse_in, self.fuse_out = Fusion(narrow, condition), Fusion(wide, condition)
        self.conv_in, self.conv_out = nn.Conv2d(narrow, wide, 3, padding=1), nn.Conv2d(wide, wide, 3, padding=1)
        self.shortcut = nn.Identity() if narrow == wide else nn.Conv2d(narrow, wide, 1)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2.0)
        added: Tensor = self.conv_out(self.fuse_out(self.conv_in(self.fuse_in(x, y)), y))
        return self.shortcut(x) + added


class DownBlock(nn.Module):
    """Maps of half the size, by a mean of four pixels, plus what two convolutions add, times a learned number that is 0
    at first."""

    def __init__(self, narrow: int, wide: int, norm: Norm) -> None:
        super().__init__()
        self.added = nn.Sequential(
            norm.weight(nn.Conv2d(narrow, wide, 4, stride=2, padding=1, bias=False)),
            nn.LeakyReLU(0.2),
            norm.weight(nn.Conv2d(wide, wide, 3, padding=1, bias=False)),
            nn.LeakyReLU(0.2),
        )
        self.shortcut = nn.Identity() if narrow == wide else norm.weight(nn.Conv2d(narrow, wide, 1))
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = self.added(x)
        return F.avg_pool2d(self.shortcut(x), 2) + self.gamma * added


@final
class DFGANGenerator(Generator):
    """Noise to a 4x4 map, then a block for each doubling, in which noise and condition together change every channel.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        width: channels of the finest maps; coarser ones have up to eight times as many.
        latent_dim: length of the noise vector.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: another resolution.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        width: Size = 32,
        latent_dim: Size = 100,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.embedder = embedder or NoCondition()
        maps = [*reversed(_channels(width, doublings(resolution, start=4)))]
        self.first = nn.Linear(latent_dim, maps[0] * 16)
        fused = latent_dim + self.embedder.features
        self.blocks = nn.ModuleList(UpBlock(narrow, wide, fused) for narrow, wide in pairwise(maps))
        self.to_image = nn.Conv2d(maps[-1], channels, 3, padding=1)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        y = torch.cat([z, self.embedder(condition).to(z.dtype)], 1)
        x = self.first(z).unflatten(1, (-1, 4, 4))
        for block in self.blocks:
            x = block(x, y)
        return torch.tanh(self.to_image(F.leaky_relu(x, 0.2)))


@final
class DFGANDiscriminator(Discriminator):
    """A block for each halving, down to 4x4, then the head; without norms.

    Args:
        channels: of the image, 1 to 4.
        size: (height, width) of the image.
        width: channels of the finest maps; coarser ones have up to eight times as many.
        norm: normalises the weights of the layers; the paper has none.
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
        width: Size = 32,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        depth = halvings(size, "a DF-GAN discriminator")
        maps = _channels(width, depth)
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        self.first = norm.weight(nn.Conv2d(self.image.channels, maps[0], 3, padding=1))
        self.blocks = nn.Sequential(*(DownBlock(narrow, wide, norm) for narrow, wide in pairwise(maps)))
        self.feature_dim = maps[-1] * prod(side // 2**depth for side in size)
        self.head = head(self.feature_dim, norm, self.embedder.features)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        features = self.blocks(self.first(self.image(image, c))).flatten(1)
        return Verdict(self.head(features, c), features)
