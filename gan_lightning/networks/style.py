"""What the generators of StyleGAN and StyleGAN2 share: the mapping from noise to w, style mixing, and the mean of w."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from gan_lightning.networks.contracts import Generator, doublings
from gan_lightning.networks.layers.conditioning import Latent
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.mapping import Mapping
from gan_lightning.networks.layers.norm import pixel_norm
from gan_lightning.ranges import Few, Probability, Size, within

MEAN_DECAY = 0.995
"""Of the mean of w, for each batch."""


def widths(resolution: int, width: int, widest: int) -> list[int]:
    """Channels at 4, 8, 16 ... pixels: `width` at `resolution` pixels, twice as many at half of them, up to `widest`.

    Raises:
        SettingError: the resolution is not a power of two from 16.

    >>> widths(64, 16, 128)
    [128, 128, 64, 32, 16]
    """
    return [min(widest, width * 2**i) for i in reversed(range(doublings(resolution, start=4) + 1))]


class StyleGenerator(Generator, ABC):
    """Noise to w by a mapping network, and w to an image by layers that each see a w of their own.

    w is (B, L, D), with D numbers for each of L layers. All layers of an image have the same w, with two exceptions.
    Style mixing: in training, a batch has another w from a random layer on, with the probability `mixing` (StyleGAN,
    arXiv:1812.04948, section 3.1). That is the w of the noise of the next image in the batch, under the image's own
    condition; the authors draw new noise. And who calls `synthesise` may give any w.

    In training, `map` also moves the mean of w, towards which truncation goes.

    Args:
        layers: L.
        latent_dim: length of the noise vector z, of which only the direction counts.
        style_dim: D.
        depth: layers of the mapping network.
        mixing: probability of style mixing, once for each batch.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        embedder: conditions to c; None without conditions.
    """

    bounded = False
    mean: Tensor

    def __init__(
        self,
        layers: int,
        latent_dim: Size,
        style_dim: Size,
        depth: Few,
        mixing: Probability,
        latent: Callable[[int, int], Latent],
        embedder: Embedder | None,
    ) -> None:
        super().__init__()
        self.mixing = within("network.generator.mixing", Probability, mixing)
        self.layers, self.latent_dim = layers, latent_dim
        self.embedder = embedder or NoCondition()
        self.latent = latent(latent_dim, self.embedder.features)
        self.mapping = Mapping(self.latent.features, style_dim, depth)
        self.register_buffer("mean", torch.zeros(style_dim))

    @abstractmethod
    def image(self, w: Tensor) -> Tensor:
        """w (B, L, D) to images (B, C, H, W), whose values may leave [-1, 1]; conditions are in w already."""

    @property
    def active(self) -> int:
        """How many of the L layers take part now; a generator that grows has fewer at first."""
        return self.layers

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        return self.image(self.map(z, condition))

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        c = self.embedder(condition)
        w = self.style(z, c)
        if self.training:
            with torch.no_grad():
                self.mean.lerp_(w.to(self.mean.dtype).mean(0), 1 - MEAN_DECAY)
        every = w[:, None].expand(-1, self.layers, -1)
        if not self.training or self.mixing == 0:
            return every
        # Chosen on the device, so that a CUDA graph can do it.
        first = torch.randint(1, self.active, (), device=w.device)
        first = torch.where(torch.rand((), device=w.device) < self.mixing, first, self.layers)
        own = torch.arange(self.layers, device=w.device) < first
        return torch.where(own[:, None], every, self.style(z.roll(-1, 0), c)[:, None])

    def style(self, z: Tensor, c: Tensor) -> Tensor:
        """Noise z (B, latent_dim) and c (B, C) to the w (B, D) that all layers share."""
        return self.mapping(self.latent(pixel_norm(z), c))

    def mean_w(self) -> Tensor:
        return self.mean
