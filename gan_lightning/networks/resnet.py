"""Residual networks of WGAN-GP (Gulrajani et al. 2017, arXiv:1704.00028, appendix F) and SNGAN
(Miyato et al. 2018, arXiv:1802.05957, table 4), at any power-of-two resolution from 16.

At 32 pixels: G has three up blocks on a 4x4 map; the critic has two down blocks, two plain blocks and
global pooling. Other resolutions have one up (down) block per doubling, all of one width. Nearest
up-sampling before, mean pooling after the convolution. Every convolution has a bias, in G even before a batch norm, as
in both authors' networks, so that the numbers of parameters agree. In the critic, a convolution before a norm with its
own shift has no bias; the authors' CIFAR-10 networks have no such norm there.
"""

from collections.abc import Callable
from math import sqrt
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator, Generator, doublings
from gan_lightning.networks.layers.conditioning import (
    GeneratorBatchNorm,
    GeneratorNorm,
    Head,
    ImageInput,
    Latent,
)
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import Few, Size


def _conv(channels_in: int, channels_out: int, kernel: int, gain: float, bias: bool = True) -> nn.Conv2d:
    """A convolution that keeps the size. gain sqrt(2) is the authors' He variant, 1 their plain one (both Glorot)."""
    layer = nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2, bias=bias)
    nn.init.xavier_uniform_(layer.weight, gain)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class _UpBlock(nn.Module):
    def __init__(self, channels: int, condition: int, norm: Callable[[int, int], GeneratorNorm]) -> None:
        super().__init__()
        self.norm1, self.norm2 = norm(channels, condition), norm(channels, condition)
        self.conv1 = _conv(channels, channels, 3, sqrt(2))
        self.conv2 = _conv(channels, channels, 3, sqrt(2))
        self.shortcut = _conv(channels, channels, 1, 1)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        # A 1x1 convolution commutes with nearest up-sampling, and costs a quarter before it.
        shortcut = F.interpolate(self.shortcut(x), scale_factor=2.0)
        x = self.conv1(F.interpolate(F.relu(self.norm1(x, c)), scale_factor=2.0))
        return shortcut + self.conv2(F.relu(self.norm2(x, c)))


@final
class ResNetGenerator(Generator):
    """Noise, linear onto 4x4, up blocks, norm, ReLU, 3x3 convolution, tanh.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        width: channels of every block (WGAN-GP 128, SNGAN 256).
        latent_dim: length of the noise vector.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        norm: builds the `GeneratorNorm` of a block from the number of channels and the length of c.
        last_norm: the same after the last block. It does not use c, not even in a conditional G, as in
            the code of the authors of both papers.
        embedder: conditions to c; None without conditions.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        latent: Callable[[int, int], Latent],
        norm: Callable[[int, int], GeneratorNorm],
        last_norm: Callable[[int, int], GeneratorNorm] = GeneratorBatchNorm,
        width: Size = 128,
        latent_dim: Size = 128,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.embedder = embedder or NoCondition()
        self.latent = latent(latent_dim, self.embedder.features)
        self.to_map = nn.Linear(self.latent.features, width * 4 * 4)
        nn.init.xavier_uniform_(self.to_map.weight)
        nn.init.zeros_(self.to_map.bias)
        self.blocks = nn.ModuleList(
            _UpBlock(width, self.embedder.features, norm) for _ in range(doublings(resolution, start=4))
        )
        self.norm = last_norm(width, self.embedder.features)
        self.to_image = _conv(width, channels, 3, 1)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        c = self.embedder(condition)
        x = self.to_map(self.latent(z, c)).unflatten(1, (-1, 4, 4))
        for block in self.blocks:
            x = block(x, c)
        return torch.tanh(self.to_image(F.relu(self.norm(x, c))))


class _FirstBlock(nn.Module):
    """Takes the raw image, so it starts with a convolution and has no norm."""

    def __init__(self, channels_in: int, channels_out: int, norm: Norm) -> None:
        super().__init__()
        self.conv1 = norm.weight(_conv(channels_in, channels_out, 3, sqrt(2)))
        self.conv2 = norm.weight(_conv(channels_out, channels_out, 3, sqrt(2)))
        self.shortcut = norm.weight(_conv(channels_in, channels_out, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(F.avg_pool2d(x, 2)) + F.avg_pool2d(self.conv2(F.relu(self.conv1(x))), 2)


class _PlainBlock(nn.Module):
    def __init__(self, channels: int, norm: Norm) -> None:
        super().__init__()
        self.norm1, self.norm2 = norm.activation(channels), norm.activation(channels)
        self.conv1 = norm.weight(_conv(channels, channels, 3, sqrt(2), bias=not norm.affine))
        self.conv2 = norm.weight(_conv(channels, channels, 3, sqrt(2)))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.residual(x)

    def residual(self, x: Tensor) -> Tensor:
        return self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(x))))))


class _DownBlock(nn.Module):
    def __init__(self, channels: int, norm: Norm) -> None:
        super().__init__()
        self.block = _PlainBlock(channels, norm)
        self.shortcut = norm.weight(_conv(channels, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        # A 1x1 convolution commutes with mean pooling, and costs a quarter after it.
        return self.shortcut(F.avg_pool2d(x, 2)) + F.avg_pool2d(self.block.residual(x), 2)


class GlobalMeanPool(nn.Module):
    """Maps (B, C, H, W) to their mean (B, C): WGAN-GP."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


class GlobalSumPool(nn.Module):
    """Maps (B, C, H, W) to their sum (B, C): SNGAN."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum((2, 3))


@final
class ResNetDiscriminator(Discriminator):
    """Down blocks to 8x8, two plain blocks, ReLU, global pooling, head.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        width: channels of every block.
        norm: normalisation inside the blocks.
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        pool: `GlobalMeanPool` or `GlobalSumPool`.
        embedder: conditions to c; None without conditions.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        head: Callable[[int, Norm, int], Head],
        pool: nn.Module,
        width: Size = 128,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        downs = doublings(resolution, start=8)
        self.blocks = nn.Sequential(
            _FirstBlock(self.image.channels, width, norm),
            *(_DownBlock(width, norm) for _ in range(downs - 1)),
            *(_PlainBlock(width, norm) for _ in range(2)),
            nn.ReLU(),
            pool,
        )
        self.feature_dim = width
        self.head = head(width, norm, self.embedder.features)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        features = self.blocks(self.image(image, c))
        return Verdict(self.head(features, c), features)
