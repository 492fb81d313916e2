"""BigGAN's generator (Brock et al. 2018, arXiv:1809.11096, section 3 and appendix B), at 16 to 512 pixels.

Its discriminator is `ResNetDiscriminator` with `wide` blocks, `Pyramid` widths and attention.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks.contracts import Generator
from gan_lightning.networks.layers.attention import Attention, attention_behind
from gan_lightning.networks.layers.conditioning import GeneratorBatchNorm, Latent, LinearBatchNorm
from gan_lightning.networks.layers.embedding import Embedder, SharedEmbedding
from gan_lightning.networks.layers.initialisation import ORTHOGONAL, Initialisation
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.networks.layers.residual import UpBlock
from gan_lightning.networks.layers.weighted import Layers
from gan_lightning.networks.layers.widths import Widths
from gan_lightning.ranges import Few, Size


@final
class BigGANGenerator(Generator):
    """Residual blocks, each with a part of the noise of its own.

    Figure 15 of the paper at 128 pixels, with width 96: the noise (B, 120) is cut into six chunks (B, 20). The first
    goes through `to_map` to (B, 1536, 4, 4). Each of the five `blocks` doubles the map, to 1536, 768, 384, 192 and 96
    channels; the gains and biases of its batch norms are linear functions of its own chunk together with the embedding
    of the class (B, 128), which all blocks share. `attention` follows the block that makes 64x64. Then `norm`, ReLU,
    `to_image` and tanh.

    Without conditions, the norms get the chunks alone.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16 to 512.
        latent: builds the `Latent` of the first chunk from its length and the length of the embedding.
        embedder: conditions to c, which is then embedded.
        weights: normalises all weights but those of the shared embedding (the paper: `SpectralNorm`).
        widths: of the maps, as multiples of `width`.
        width: what the multiples are of (the paper: 96).
        chunk: numbers of noise for each block, and for the first layer.
        embedding_dim: length of the shared embedding.
        attention: where there is attention; None without.
        eps: added to the variance in batch norm.
        initialise: draws the weights.

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
        width: Size = 96,
        chunk: Few = 20,
        embedding_dim: Size = 128,
        attention: Attention | None = None,
        eps: float = 1e-5,
        initialise: Initialisation = ORTHOGONAL,
    ) -> None:
        super().__init__()
        layers, maps = Layers(weights, initialise), [width * multiple for multiple in widths.generator(resolution)]
        self.chunk, self.latent_dim = chunk, chunk * len(maps)
        self.embedder = SharedEmbedding(embedder, embedding_dim, initialise)
        condition = self.embedder.features + chunk
        norm = partial(LinearBatchNorm, layers=layers, eps=eps)
        self.latent = latent(chunk, self.embedder.features)
        self.to_map = layers.linear(self.latent.features, maps[0] * 4 * 4)
        self.blocks = nn.ModuleList(UpBlock(before, after, condition, norm, layers) for before, after in pairwise(maps))
        sides = [8 * 2**i for i in range(len(self.blocks))]
        self.attention = attention_behind(attention, resolution, sides, maps[1:], layers)
        self.norm = GeneratorBatchNorm(maps[-1], 0, eps)
        self.to_image = layers.conv(maps[-1], channels, 3)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        c = self.embedder(condition)
        first, *others = z.split(self.chunk, 1)
        x = self.to_map(self.latent(first, c)).unflatten(1, (-1, 4, 4))
        for block, attend, part in zip(self.blocks, self.attention, others, strict=True):
            x = attend(block(x, torch.cat([c, part], 1)))
        return torch.tanh(self.to_image(F.relu(self.norm(x, c))))
