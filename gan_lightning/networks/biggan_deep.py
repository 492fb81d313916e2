"""BigGAN-deep (Brock et al. 2018, arXiv:1809.11096, appendix B), at 16 to 512 pixels.

Bottlenecks take the place of BigGAN's blocks: 1x1 convolutions around two 3x3 convolutions of a quarter of the
channels. There are two for each size of map. Their shortcuts have nearly no weights: that of G drops channels, that of
D adds new ones behind the old. A ReLU never works in place: it would change what the shortcut adds.
"""

from collections.abc import Callable
from functools import partial
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
    LinearBatchNorm,
)
from gan_lightning.networks.layers.embedding import Embedder, NoCondition, SharedEmbedding
from gan_lightning.networks.layers.initialisation import ORTHOGONAL, Initialisation
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.networks.layers.weighted import Layers
from gan_lightning.networks.layers.widths import Widths, sides_made
from gan_lightning.ranges import Few, Size

RATIO = 4
"""Of a block's channels to those of its 3x3 convolutions."""


class BottleneckUp(nn.Module):
    """A block of the generator: (B, channels_in, H, W) to (B, channels_out, H, W), or twice as large.

    Args:
        channels_in, channels_out: of the maps; not more after the block than before.
        condition: length of c.
        norm: builds a `GeneratorNorm` from the number of channels and the length of c.
        layers: makes the convolutions.
        doubles: whether the map becomes twice as large.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        condition: int,
        norm: Callable[[int, int], GeneratorNorm],
        layers: Layers,
        doubles: bool,
    ) -> None:
        super().__init__()
        hidden = max(1, channels_in // RATIO)
        self.norm1 = norm(channels_in, condition)
        self.norm2, self.norm3, self.norm4 = (norm(hidden, condition) for _ in range(3))
        self.conv1, self.conv4 = layers.conv(channels_in, hidden, 1), layers.conv(hidden, channels_out, 1)
        self.conv2, self.conv3 = layers.conv(hidden, hidden, 3), layers.conv(hidden, hidden, 3)
        self.channels_out, self.scale = channels_out, 2.0 if doubles else 1.0

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        shortcut = F.interpolate(x[:, : self.channels_out], scale_factor=self.scale)
        x = F.relu(self.norm2(self.conv1(F.relu(self.norm1(x, c))), c))
        x = self.conv2(F.interpolate(x, scale_factor=self.scale))
        x = self.conv3(F.relu(self.norm3(x, c)))
        return shortcut + self.conv4(F.relu(self.norm4(x, c)))


@final
class BigGANDeepGenerator(Generator):
    """Bottlenecks that all get the whole noise.

    Figure 16 of the paper at 128 pixels, with width 128: the noise (B, 128) and the shared embedding of the class (B,
    128) are joined to (B, 256), which goes through `to_map` to (B, 2048, 4, 4), and sets the gains and biases of all
    batch norms of the `blocks`. Two blocks belong to each size: the first keeps map and channels, the second doubles
    the map, to 2048, 1024, 512, 256 and 128 channels. `attention` follows the block that makes 64x64. Then `norm`,
    ReLU, `to_image`, tanh.

    The arguments are those of `BigGANGenerator`, but for these:

    Args:
        latent_dim: length of the noise vector.
        depth: blocks for each size of map.

    Raises:
        SettingError: a resolution that does not fit.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        latent: Callable[[int, int], Latent],
        embedder: Embedder,
        weights: Norm,
        widths: Widths,
        width: Size = 128,
        latent_dim: Size = 128,
        depth: Few = 2,
        embedding_dim: Size = 128,
        attention: Attention | None = None,
        eps: float = 1e-5,
        initialise: Initialisation = ORTHOGONAL,
    ) -> None:
        super().__init__()
        layers, maps = Layers(weights, initialise), [width * multiple for multiple in widths.generator(resolution)]
        self.latent_dim = latent_dim
        self.embedder = SharedEmbedding(embedder, embedding_dim, initialise)
        condition = self.embedder.features + latent_dim
        norm = partial(LinearBatchNorm, layers=layers, eps=eps)
        self.latent = latent(condition, self.embedder.features)
        self.to_map = layers.linear(self.latent.features, maps[0] * 4 * 4)
        self.blocks = nn.ModuleList()
        for before, after in pairwise(maps):
            for _ in range(depth - 1):
                self.blocks.append(BottleneckUp(before, before, condition, norm, layers, doubles=False))
            self.blocks.append(BottleneckUp(before, after, condition, norm, layers, doubles=True))
        sides = [4 * 2 ** ((i + 1) // depth) for i in range(len(self.blocks))]
        made = [made for before, after in pairwise(maps) for made in [before] * (depth - 1) + [after]]
        self.attention = attention_behind(attention, resolution, sides, made, layers)
        self.norm = GeneratorBatchNorm(maps[-1], 0, eps)
        self.to_image = layers.conv(maps[-1], channels, 3)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        c = self.embedder(condition)
        every = torch.cat([c, z], 1)
        x = self.to_map(self.latent(every, c)).unflatten(1, (-1, 4, 4))
        for block, attend in zip(self.blocks, self.attention, strict=True):
            x = attend(block(x, every))
        return torch.tanh(self.to_image(F.relu(self.norm(x, c))))


class BottleneckDown(nn.Module):
    """A block of the discriminator: (B, channels_in, H, W) to (B, channels_out, H, W), or half as large.

    Args:
        channels_in, channels_out: of the maps; not fewer after the block than before.
        norm: of weights and activations. A convolution before a norm with its own shift has no bias.
        layers: makes the convolutions, with the same norm.
        halves: whether the map becomes half as large.
    """

    def __init__(self, channels_in: int, channels_out: int, norm: Norm, layers: Layers, halves: bool) -> None:
        super().__init__()
        hidden, bias = max(1, channels_out // RATIO), not norm.affine
        self.norm1 = norm.activation(channels_in)
        self.norm2, self.norm3, self.norm4 = (norm.activation(hidden) for _ in range(3))
        self.conv1, self.conv4 = layers.conv(channels_in, hidden, 1, bias=bias), layers.conv(hidden, channels_out, 1)
        self.conv2, self.conv3 = (layers.conv(hidden, hidden, 3, bias=bias) for _ in range(2))
        new = channels_out - channels_in
        self.shortcut = layers.conv(channels_in, new, 1) if new else None
        self.halves = halves

    def forward(self, x: Tensor) -> Tensor:
        shortcut = self._pooled(x)
        if self.shortcut is not None:
            shortcut = torch.cat([shortcut, self.shortcut(shortcut)], 1)
        x = self.conv1(F.relu(self.norm1(x)))
        x = self.conv2(F.relu(self.norm2(x)))
        x = self.conv3(F.relu(self.norm3(x)))
        return shortcut + self.conv4(self._pooled(F.relu(self.norm4(x))))

    def _pooled(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 2) if self.halves else x


@final
class BigGANDeepDiscriminator(Discriminator):
    """3x3 convolution, bottlenecks, ReLU, sum over the pixels, head.

    Figure 16 of the paper at 128 pixels, with width 128: `first` makes (B, 128, 128, 128). Two `blocks` belong to each
    size: the first halves the map, to 256, 512, 1024, 2048 and 2048 channels, the second keeps it. `attention`
    follows the first pair, at 64x64. The features are (B, 2048).

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16 to 512.
        norm: normalisation inside the blocks.
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        widths: of the maps, as multiples of `width`.
        width: what the multiples are of.
        depth: blocks for each size of map.
        embedder: conditions to c; None without conditions.
        attention: where there is attention; None without.
        initialise: draws the weights of all but the head.

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
        widths: Widths,
        width: Size = 128,
        depth: Few = 2,
        embedder: Embedder | None = None,
        attention: Attention | None = None,
        initialise: Initialisation = ORTHOGONAL,
    ) -> None:
        super().__init__()
        layers, stages = Layers(norm, initialise), widths.discriminator(resolution)
        maps = [width * stage.multiple for stage in stages]
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        self.first = layers.conv(self.image.channels, maps[0], 3)
        self.blocks = nn.ModuleList()
        for (before, after), stage in zip(pairwise(maps), stages[:-1], strict=True):
            self.blocks.append(BottleneckDown(before, after, norm, layers, stage.halves))
            for _ in range(depth - 1):
                self.blocks.append(BottleneckDown(after, after, norm, layers, halves=False))
        made = [after for after in maps[1:] for _ in range(depth)]
        last = sides_made(resolution, stages[:-1])  # behind the last block of a size
        sides = [side if place == depth - 1 else 0 for side in last for place in range(depth)]
        self.attention = attention_behind(attention, resolution, sides, made, layers)
        self.feature_dim = maps[-1]
        self.head = head(self.feature_dim, norm, self.embedder.features)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        x = self.first(self.image(image, c))
        for block, attend in zip(self.blocks, self.attention, strict=True):
            x = attend(block(x))
        features = F.relu(x).sum((2, 3))
        return Verdict(self.head(features, c), features)
