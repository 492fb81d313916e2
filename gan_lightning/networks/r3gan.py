"""R3GAN's networks (Huang et al. 2025, arXiv:2501.05441, section 4): residual blocks of grouped convolutions, without
any normalisation, at any power-of-two resolution from 16.

A block is an inverted bottleneck: x + 1x1(act(3x3(act(1x1(x))))), where the 1x1 convolutions go to twice as many
channels and back, the 3x3 convolution is grouped, and act is a bias and LeakyReLU(0.2). Its last convolution starts at
zero, so that a block starts as the identity, and the others start small (fix-up, Zhang et al. 2019, arXiv:1901.09321).

Maps change their size between the blocks, through the filter [1, 3, 3, 1] (`resampling`), and their channels, if these
differ, through a 1x1 convolution on the smaller map. At 32 pixels:

    G: z -> basis of 4x4 -> 2 blocks -> 8x8 -> 2 blocks -> 16x16 -> 2 blocks -> 32x32 -> 2 blocks -> 1x1 to the image
    D: the same backwards: 1x1 from the image, 2 blocks at each size, 4x4 convolution of each channel, head
"""

from collections.abc import Callable
from math import sqrt
from typing import TypeVar, final

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Discriminator, Generator, channels_at, doublings
from gan_lightning.networks.layers.conditioning import Head, ImageInput, Latent
from gan_lightning.networks.layers.embedding import Embedder, Embedding, NoCondition
from gan_lightning.networks.layers.norm import NoNorm, Norm
from gan_lightning.networks.layers.resampling import Downsample, Upsample
from gan_lightning.ranges import Few, Size

LEAKY = sqrt(2 / (1 + 0.2**2))
"""He's gain for layers before a LeakyReLU(0.2)."""


Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)


def _drawn(layer: Layer, gain: float = 1.0) -> Layer:
    """The layer with weights ~ N(0, gain / sqrt(inputs)) and without a shift."""
    nn.init.normal_(layer.weight, 0.0, gain / sqrt(layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class _Block(nn.Module):
    """x (B, channels, H, W) plus a change of it, which is zero at first.

    Args:
        channels: of x.
        group: channels of each group of the 3x3 convolution.
        blocks: of the whole network: the more there are, the smaller the first weights.
        norm: of the discriminator's weights and activations; none in the paper, and none in G.
    """

    def __init__(self, channels: int, group: int, blocks: int, norm: Norm) -> None:
        super().__init__()
        hidden = 2 * channels
        group = min(group, hidden)
        if hidden % group:
            raise SettingError(
                f"network.width: a block of {channels} channels has {hidden} hidden ones, which are not a multiple of "
                f"network.group={group}; choose a width that is a multiple of {group}, or another group"
            )
        gain, bias = LEAKY * blocks**-0.25, not norm.affine
        widen = nn.Conv2d(channels, hidden, 1, bias=bias)
        grouped = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden // group, bias=bias)
        # Not under spectral norm: the largest singular value of zeros is zero.
        narrow = nn.Conv2d(hidden, channels, 1, bias=False)
        self.layers = nn.Sequential(
            *(norm.weight(_drawn(widen, gain)), norm.activation(hidden), nn.LeakyReLU(0.2)),
            *(norm.weight(_drawn(grouped, gain)), norm.activation(hidden), nn.LeakyReLU(0.2)),
            _drawn(narrow, 0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = x + self.layers(x)
        return changed


def _channel_change(channels_in: int, channels_out: int, norm: Norm) -> nn.Module:
    if channels_in == channels_out:
        return nn.Identity()
    return norm.weight(_drawn(nn.Conv2d(channels_in, channels_out, 1, bias=False)))


@final
class R3GANGenerator(Generator):
    """Noise times a learnt basis of 4x4 maps, then blocks at every size, then a 1x1 convolution to the image.

    There is no tanh: images may leave [-1, 1] in training.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        width: channels of the maps up to 32 pixels, and half as many with every further doubling (the paper's networks
            for CIFAR-10, FFHQ-64 and FFHQ-256: 768).
        group: channels of each group of the 3x3 convolutions.
        blocks: at each size.
        latent_dim: length of the noise vector.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: a resolution that is not a power of two, or a width that `group` does not divide.
    """

    bounded = False

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        latent: Callable[[int, int], Latent],
        width: Size = 768,
        group: Size = 16,
        blocks: Few = 2,
        latent_dim: Size = 64,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.embedder = embedder or NoCondition()
        self.latent = latent(latent_dim, self.embedder.features)
        for module in self.latent.modules():
            if isinstance(module, Embedding):
                nn.init.normal_(module.weight, 0.0, len(module.weight) ** -0.5)
        widths = [channels_at(4 * 2**i, width) for i in range(doublings(resolution, start=4) + 1)]
        self.basis = nn.Parameter(torch.randn(widths[0], 4, 4))
        self.to_basis = _drawn(nn.Linear(self.latent.features, widths[0], bias=False))
        layers: list[nn.Module] = []
        before = widths[0]
        for number, wide in enumerate(widths):
            if number:
                layers += [_channel_change(before, wide, NoNorm()), Upsample()]
            layers += [_Block(wide, group, blocks * len(widths), NoNorm()) for _ in range(blocks)]
            before = wide
        self.layers = nn.Sequential(*layers)
        self.to_image = _drawn(nn.Conv2d(widths[-1], channels, 1, bias=False))

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        scale = self.to_basis(self.latent(z, self.embedder(condition)))
        image: Tensor = self.to_image(self.layers(self.basis * scale[:, :, None, None]))
        return image


@final
class R3GANDiscriminator(Discriminator):
    """The generator backwards: a 1x1 convolution from the image, blocks at every size down to 4x4, a 4x4 convolution of
    each channel by itself, and the head.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        norm: of weights and activations; the paper has none.
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        width, group, blocks: as in the generator.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: a resolution that is not a power of two, or a width that `group` does not divide.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        head: Callable[[int, Norm, int], Head],
        width: Size = 768,
        group: Size = 16,
        blocks: Few = 2,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        widths = [channels_at(4 * 2**i, width) for i in range(doublings(resolution, start=4) + 1)]
        layers = [norm.weight(_drawn(nn.Conv2d(self.image.channels, widths[-1], 1, bias=False)))]
        for number, wide in reversed([*enumerate(widths)]):
            layers += [_Block(wide, group, blocks * len(widths), norm) for _ in range(blocks)]
            if number:
                layers += [Downsample(), _channel_change(wide, widths[number - 1], norm)]
        self.feature_dim = widths[0]
        layers.append(norm.weight(_drawn(nn.Conv2d(widths[0], widths[0], 4, groups=widths[0], bias=False))))
        self.layers = nn.Sequential(*layers, nn.Flatten())
        self.head = head(self.feature_dim, norm, self.embedder.features)
        for module in self.head.modules():
            # Weights under spectral norm are left alone, because it divides by their scale.
            if isinstance(module, nn.Linear) and not is_parametrized(module, "weight"):
                _drawn(module)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        features = self.layers(self.image(image, c))
        return Verdict(self.head(features, c), features)
