"""StyleGAN's generator (Karras et al. 2018, arXiv:1812.04948, figure 1b), at any power-of-two resolution from 16.

It grows as ProGAN does, and its discriminator is ProGAN's with a blur (`ProgressiveDiscriminator`). A layer is a 3x3
convolution, noise, a bias, LeakyReLU(0.2) and adaptive instance norm; each resolution has two of them. The first layer
has a learnt 4x4 map in place of a convolution. Maps are up-sampled to the nearest pixels and blurred after the
convolution. 1x1 convolutions lead to the image at every resolution:

    constant -> layer -> layer -+-> up-sampled -> layer -> layer -+-> ...
      4x4        w_0      w_1   |                  w_2      w_3   |
                             to image                          to image   (mixed while the larger one fades in)
"""

from collections.abc import Callable
from math import sqrt
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks.contracts import channels_at
from gan_lightning.networks.layers.conditioning import Latent
from gan_lightning.networks.layers.embedding import Embedder
from gan_lightning.networks.layers.equalised import equalised
from gan_lightning.networks.layers.growth import Growth
from gan_lightning.networks.layers.modulation import AdaptiveInstanceNorm, NoiseInput
from gan_lightning.networks.layers.resampling import Blur
from gan_lightning.networks.style import StyleGenerator
from gan_lightning.ranges import Few, Probability, Size


class _Layer(nn.Module):
    """What comes before, then noise, bias, LeakyReLU, adaptive instance norm: maps to maps (B, outputs, size, size)."""

    def __init__(self, before: nn.Module, outputs: int, style_dim: int, size: int, number: int) -> None:
        super().__init__()
        self.before = before
        self.noise = NoiseInput(size, outputs, number)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.norm = AdaptiveInstanceNorm(outputs, style_dim)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        x = self.noise(self.before(x)) + self.bias[:, None, None]
        return self.norm(F.leaky_relu(x, 0.2), w)


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return equalised(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), sqrt(2))


@final
class StyleGANGenerator(StyleGenerator):
    """Noise to w, and w to an image, two layers for each resolution. Nothing bounds the image.

    In training its images have the size that it has grown to (`growth`). As samples they have the full size.

    Args:
        channels: of the image, 1 to 4.
        growth: says how many resolutions take part.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        width: channels of the maps up to 32 pixels, and half as many with every further doubling (the paper: 512).
        latent_dim: length of the noise vector (the paper: 512).
        style_dim: D, numbers of w for each layer (the paper: 512).
        depth: layers of the mapping network.
        mixing: probability of style mixing in training.
        embedder: conditions to c; None without conditions.
    """

    def __init__(
        self,
        channels: Few,
        growth: Growth,
        latent: Callable[[int, int], Latent],
        width: Size = 512,
        latent_dim: Size = 512,
        style_dim: Size = 512,
        depth: Few = 8,
        mixing: Probability = 0.9,
        embedder: Embedder | None = None,
    ) -> None:
        sizes = [4 * 2**level for level in range(growth.doublings + 1)]
        super().__init__(2 * len(sizes), latent_dim, style_dim, depth, mixing, latent, embedder)
        self.growth, self.resolution = growth, sizes[-1]
        widths = [channels_at(size, width) for size in sizes]
        self.constant = nn.Parameter(torch.ones(widths[0], 4, 4))
        before: list[nn.Module] = [nn.Identity(), _convolution(widths[0], widths[0])]
        for narrow, wide in zip(widths[1:], widths[:-1], strict=True):
            before += [nn.Sequential(nn.Upsample(scale_factor=2), _convolution(wide, narrow), Blur())]
            before += [_convolution(narrow, narrow)]
        self.convolutions = nn.ModuleList(
            _Layer(part, widths[number // 2], style_dim, sizes[number // 2], number)
            for number, part in enumerate(before)
        )
        self.to_image = nn.ModuleList(equalised(nn.Conv2d(wide, channels, 1)) for wide in widths)

    @property
    def active(self) -> int:
        return 2 * (self.growth.level + self.growth.fading + 1)

    def image(self, w: Tensor) -> Tensor:
        """w (B, L, D) to images (B, C, H, W) of the size that the network has now."""
        x, level = self.constant.expand(w.shape[0], -1, -1, -1), self.growth.level
        for number in range(2 * level + 2):
            x = self.convolutions[number](x, w[:, number])
        image: Tensor = self.to_image[level](x)
        if self.growth.fading:
            for number in (2 * level + 2, 2 * level + 3):
                x = self.convolutions[number](x, w[:, number])
            image = self.growth.mixed(F.interpolate(image, scale_factor=2.0), self.to_image[level + 1](x))
        return image

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        image = self.image(w)
        return F.interpolate(image, scale_factor=float(self.resolution // image.shape[2]))

    def counterparts(self, real: Tensor) -> Tensor:
        return self.growth.shown(real)
