"""Residual networks of WGAN-GP (Gulrajani et al. 2017, arXiv:1704.00028, appendix F), SNGAN (Miyato et al. 2018,
arXiv:1802.05957, tables 4 and 5) and SAGAN (Zhang et al. 2018, arXiv:1805.08318), at any power-of-two resolution
from 16.

G doubles a 4x4 map up to the image. D halves the image, to 8x8 or 4x4 as its widths say, and ends with global
pooling. Every convolution has a bias, in G even before a batch norm, as in the authors' networks, so that the numbers
of parameters agree. In D, a convolution before a norm with its own shift has no bias; the authors' networks have no
such norm there. BigGAN's discriminator is this one too; its generator is in `biggan.py`.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator, Generator
from gan_lightning.networks.layers.attention import Attention, attention_behind
from gan_lightning.networks.layers.conditioning import (
    GeneratorBatchNorm,
    GeneratorNorm,
    Head,
    ImageInput,
    Latent,
)
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.initialisation import GLOROT, Initialisation
from gan_lightning.networks.layers.norm import NO_NORM, Norm
from gan_lightning.networks.layers.residual import DownBlock, FirstBlock, PlainBlock, UpBlock
from gan_lightning.networks.layers.weighted import Layers
from gan_lightning.networks.layers.widths import EVEN, Widths, sides_made
from gan_lightning.ranges import Few, Size


@final
class ResNetGenerator(Generator):
    """Noise, linear onto 4x4, up blocks, norm, ReLU, 3x3 convolution, tanh.

    SNGAN for 32 pixels (table 4) with width 256: (B, 128) -> `to_map` (B, 256, 4, 4) -> three `blocks` (B, 256, 32, 32)
    -> `norm`, `to_image` (B, 3, 32, 32). For 128 pixels (table 5) with width 64 and `Pyramid`, the maps have
    1024, 1024, 512, 256, 128 and 64 channels. SAGAN adds attention behind the block that makes 32x32.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        width: channels of every block (WGAN-GP 128, SNGAN 256), or with `widths` of what their multiples are.
        latent_dim: length of the noise vector.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        norm: builds the `GeneratorNorm` of a block from the number of channels and the length of c.
        last_norm: the same after the last block. It does not use c, not even in a conditional G, as in
            the code of the authors of both papers.
        embedder: conditions to c; None without conditions.
        widths: of the maps, as multiples of `width`.
        attention: where there is attention; None without.
        weights: normalises the weights of all convolutions and of the linear layer (SAGAN: `SpectralNorm`).
        initialise: draws them.

    Raises:
        SettingError: a resolution that does not fit.
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
        widths: Widths = EVEN,
        attention: Attention | None = None,
        weights: Norm = NO_NORM,
        initialise: Initialisation = GLOROT,
    ) -> None:
        super().__init__()
        layers, maps = Layers(weights, initialise), [width * multiple for multiple in widths.generator(resolution)]
        self.latent_dim = latent_dim
        self.embedder = embedder or NoCondition()
        self.latent = latent(latent_dim, self.embedder.features)
        self.to_map = layers.linear(self.latent.features, maps[0] * 4 * 4)
        self.blocks = nn.ModuleList(
            UpBlock(before, after, self.embedder.features, norm, layers) for before, after in pairwise(maps)
        )
        sides = [8 * 2**i for i in range(len(self.blocks))]
        self.attention = attention_behind(attention, resolution, sides, maps[1:], layers)
        self.norm = last_norm(maps[-1], self.embedder.features)
        self.to_image = layers.conv(maps[-1], channels, 3)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        c = self.embedder(condition)
        x = self.to_map(self.latent(z, c)).unflatten(1, (-1, 4, 4))
        for block, attend in zip(self.blocks, self.attention, strict=True):
            x = attend(block(x, c))
        return torch.tanh(self.to_image(F.relu(self.norm(x, c))))


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
    """Down blocks, one or two plain blocks, ReLU, global pooling, head.

    SNGAN for 32 pixels (table 4) with width 128: (B, 3, 32, 32) -> two `blocks` that halve (B, 128, 8, 8) -> two that
    do not -> ReLU, `pool` (B, 128) -> `head` (B, 1). BigGAN for 128 pixels (appendix B) with width 96 and `Pyramid`:
    five halving blocks of 96, 192, 384, 768 and 1536 channels, attention behind the first, another block of 1536.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        width: channels of every block, or with `widths` of what their multiples are.
        norm: normalisation inside the blocks.
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        pool: `GlobalMeanPool` or `GlobalSumPool`.
        embedder: conditions to c; None without conditions.
        widths: of the maps, as multiples of `width`.
        wide: whether the channels between the two convolutions of a block are those that it makes (SAGAN, BigGAN)
            instead of those that it gets (SNGAN).
        attention: where there is attention; None without.
        initialise: draws the weights of the blocks and of attention.

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
        pool: nn.Module,
        width: Size = 128,
        embedder: Embedder | None = None,
        widths: Widths = EVEN,
        wide: bool = False,
        attention: Attention | None = None,
        initialise: Initialisation = GLOROT,
    ) -> None:
        super().__init__()
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        layers, stages = Layers(norm, initialise), widths.discriminator(resolution)
        maps = [width * stage.multiple for stage in stages]
        blocks: list[nn.Module] = [FirstBlock(self.image.channels, maps[0], layers)]
        for (before, after), stage in zip(pairwise(maps), stages[1:], strict=True):
            block = DownBlock if stage.halves else PlainBlock
            blocks.append(block(before, after, after if wide else before, norm, layers))
        self.blocks = nn.ModuleList(blocks)
        self.attention = attention_behind(attention, resolution, sides_made(resolution, stages), maps, layers)
        self.pool = nn.Sequential(nn.ReLU(), pool)
        self.feature_dim = maps[-1]
        self.head = head(self.feature_dim, norm, self.embedder.features)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        x = self.image(image, c)
        for block, attend in zip(self.blocks, self.attention, strict=True):
            x = attend(block(x))
        features = self.pool(x)
        return Verdict(self.head(features, c), features)
