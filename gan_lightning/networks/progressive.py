"""Progressive growing's networks (Karras et al. 2017, arXiv:1710.10196, table 2), at any power-of-two resolution from
16.

A level is two 3x3 convolutions on maps of one size, each followed by LeakyReLU(0.2) and, in G, pixel norm. Sizes change
by nearest up-sampling and mean pooling. 1x1 convolutions lead to and from the image at every level. All layers have an
equalised learning rate (in D if `norm` says so); D's activations have the factor sqrt(2) that G's weights have. While a
level fades in (figure 2), an image, or what D sees of it, is a mixture:

    G: 4x4 -> ... -> x -+--------------> to image -> up-sampled -+
                        +-> new level -> to image ---------------+-> mixed by alpha
    D: image -+-> pooled -> from image ------------+
              +-> from image -> new level, pooled -+-> mixed by alpha -> x -> ... -> 4x4
"""

import itertools
from collections.abc import Callable
from math import sqrt
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator, Generator, channels_at
from gan_lightning.networks.layers.conditioning import Head, ImageInput, Latent
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.equalised import equalised, scaled_leaky_relu
from gan_lightning.networks.layers.growth import Growth, pooled
from gan_lightning.networks.layers.minibatch import StandardDeviationChannel
from gan_lightning.networks.layers.norm import Norm, pixel_norm
from gan_lightning.ranges import Few, Size


class _Normed(nn.Module):
    """A layer of G, LeakyReLU(0.2), and pixel norm."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        return pixel_norm(F.leaky_relu(self.layer(x), 0.2))


class _Activated(nn.Module):
    """A layer of D, its norm, and LeakyReLU(0.2) times sqrt(2)."""

    def __init__(self, layer: nn.Module, norm: nn.Module) -> None:
        super().__init__()
        self.layer, self.norm = layer, norm

    def forward(self, x: Tensor) -> Tensor:
        return scaled_leaky_relu(self.norm(self.layer(x)))


class _ChannelBias(nn.Module):
    """Adds a learnt number to each channel of maps (B, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias


def _conv(channels_in: int, channels_out: int) -> nn.Conv2d:
    """A 3x3 convolution of G that keeps the size."""
    return equalised(nn.Conv2d(channels_in, channels_out, 3, padding=1), sqrt(2))


@final
class ProgressiveGenerator(Generator):
    """Noise to 4x4 pixels, then one level after the other. There is no tanh: images may leave [-1, 1] in training.

    In training its images have the size that it has grown to (`growth`). As samples they have the full size.

    Args:
        channels: of the image, 1 to 4.
        growth: says how many levels take part.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        width: channels of the maps up to 32 pixels, and half as many with every further doubling (the paper: 512).
        latent_dim: length of the noise vector.
        embedder: conditions to c; None without conditions.
    """

    bounded = False

    def __init__(
        self,
        channels: Few,
        growth: Growth,
        latent: Callable[[int, int], Latent],
        width: Size = 512,
        latent_dim: Size = 512,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.growth = growth
        self.resolution = 4 * 2**growth.doublings
        self.embedder = embedder or NoCondition()
        self.latent = latent(latent_dim, self.embedder.features)
        widths = [channels_at(4 * 2**level, width) for level in range(growth.doublings + 1)]
        self.first = nn.Sequential(
            equalised(nn.Linear(self.latent.features, widths[0] * 16, bias=False), sqrt(2) / 4),
            nn.Unflatten(1, (widths[0], 4, 4)),
            _Normed(_ChannelBias(widths[0])),
            _Normed(_conv(widths[0], widths[0])),
        )
        self.levels = nn.ModuleList(
            nn.Sequential(nn.Upsample(scale_factor=2), _Normed(_conv(a, b)), _Normed(_conv(b, b)))
            for a, b in itertools.pairwise(widths)
        )
        self.to_image = nn.ModuleList(equalised(nn.Conv2d(wide, channels, 1)) for wide in widths)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """Noise z (B, latent_dim) and conditions to images (B, C, H, W) of the size that the network has now."""
        x = self.first(self.latent(z, self.embedder(condition)))
        level = self.growth.level
        for layers in self.levels[:level]:
            x = layers(x)
        image: Tensor = self.to_image[level](x)
        if self.growth.fading:
            larger = self.to_image[level + 1](self.levels[level](x))
            image = self.growth.mixed(F.interpolate(image, scale_factor=2.0), larger)
        return image

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        image = self(w, condition)
        return F.interpolate(image, scale_factor=float(self.resolution // image.shape[2]))

    def counterparts(self, real: Tensor) -> Tensor:
        return self.growth.shown(real)


@final
class ProgressiveDiscriminator(Discriminator):
    """The generator backwards. Larger images than it has grown to are pooled first.

    At 4x4 pixels, a plane with the standard deviation within groups of the batch is added to the maps (section 3); then
    come a 3x3 convolution, a linear layer and the head.

    Args:
        channels: of the image, 1 to 4.
        growth: says how many levels take part, as in the generator.
        norm: of weights and activations: `EqualisedRate` in the paper.
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        deviation: adds that plane.
        blur: smooths maps before the convolution that comes before the pooling, as in StyleGAN; None: nothing does.
        width: as in the generator.
        embedder: conditions to c; None without conditions.
    """

    def __init__(
        self,
        channels: Few,
        growth: Growth,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        head: Callable[[int, Norm, int], Head],
        deviation: StandardDeviationChannel,
        blur: nn.Module | None = None,
        width: Size = 512,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.growth = growth
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        widths = [channels_at(4 * 2**level, width) for level in range(growth.doublings + 1)]

        def conv(channels_in: int, channels_out: int) -> _Activated:
            layer = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=not norm.affine)
            return _Activated(norm.weight(layer), norm.activation(channels_out))

        smoothing = [] if blur is None else [blur]
        self.from_image = nn.ModuleList(
            _Activated(norm.weight(nn.Conv2d(self.image.channels, wide, 1)), nn.Identity()) for wide in widths
        )
        self.levels = nn.ModuleList(
            nn.Sequential(conv(b, b), *smoothing, conv(b, a), nn.AvgPool2d(2)) for a, b in itertools.pairwise(widths)
        )
        self.feature_dim = widths[0]
        self.last = nn.Sequential(
            deviation,
            conv(widths[0] + 1, widths[0]),
            nn.Flatten(),
            _Activated(norm.weight(nn.Linear(widths[0] * 16, widths[0])), nn.Identity()),
        )
        self.head = head(self.feature_dim, norm, self.embedder.features)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        """Images (B, C, H, W) of the size that the network has now, or larger ones, and conditions to a verdict."""
        c = self.embedder(condition)
        x = self.image(pooled(image, self.growth.side), c)
        level = self.growth.level
        if self.growth.fading:
            larger = self.levels[level](self.from_image[level + 1](x))
            x = self.growth.mixed(self.from_image[level](F.avg_pool2d(x, 2)), larger)
        else:
            x = self.from_image[level](x)
        for layers in reversed(self.levels[:level]):
            x = layers(x)
        features = self.last(x)
        return Verdict(self.head(features, c), features)
