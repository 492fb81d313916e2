"""Residual blocks of two 3x3 convolutions, which WGAN-GP, SNGAN, SAGAN and BigGAN share.

Norm and ReLU come before a convolution. Nearest up-sampling comes before, mean pooling after the convolutions. A ReLU
never works in place: it would change what the shortcut adds.
"""

from collections.abc import Callable
from math import sqrt

from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks.layers.conditioning import GeneratorNorm
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.networks.layers.weighted import Layers

GAIN = sqrt(2)
"""Of the 3x3 convolutions: the He variant of Glorot's weights. Shortcuts have 1. Both are as in the authors' code of
WGAN-GP and SNGAN."""


class UpBlock(nn.Module):
    """A block of a generator, which doubles the map (B, channels_in, H, W) to (B, channels_out, 2 H, 2 W).

    Args:
        channels_in, channels_out: of the maps.
        condition: length of c.
        norm: builds a `GeneratorNorm` from the number of channels and the length of c.
        layers: makes the convolutions.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        condition: int,
        norm: Callable[[int, int], GeneratorNorm],
        layers: Layers,
    ) -> None:
        super().__init__()
        self.norm1, self.norm2 = norm(channels_in, condition), norm(channels_out, condition)
        self.conv1 = layers.conv(channels_in, channels_out, 3, GAIN)
        self.conv2 = layers.conv(channels_out, channels_out, 3, GAIN)
        self.shortcut = layers.conv(channels_in, channels_out, 1)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        # A 1x1 convolution commutes with nearest up-sampling, and costs a quarter before it.
        shortcut = F.interpolate(self.shortcut(x), scale_factor=2.0)
        x = self.conv1(F.interpolate(F.relu(self.norm1(x, c)), scale_factor=2.0))
        return shortcut + self.conv2(F.relu(self.norm2(x, c)))


class FirstBlock(nn.Module):
    """A discriminator's first block, which halves the map. It takes the raw image, so it starts with a convolution and
    has no norm."""

    def __init__(self, channels_in: int, channels_out: int, layers: Layers) -> None:
        super().__init__()
        self.conv1 = layers.conv(channels_in, channels_out, 3, GAIN)
        self.conv2 = layers.conv(channels_out, channels_out, 3, GAIN)
        self.shortcut = layers.conv(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(F.avg_pool2d(x, 2)) + F.avg_pool2d(self.conv2(F.relu(self.conv1(x))), 2)


class Residual(nn.Module):
    """What a discriminator's block adds to its shortcut, of the size of the map that it gets.

    Args:
        channels_in, channels_out: of the maps.
        hidden: channels between the two convolutions.
        norm: of weights and activations. A convolution before a norm with its own shift has no bias.
        layers: makes the convolutions, with the same norm.
    """

    def __init__(self, channels_in: int, channels_out: int, hidden: int, norm: Norm, layers: Layers) -> None:
        super().__init__()
        self.norm1, self.norm2 = norm.activation(channels_in), norm.activation(hidden)
        self.conv1 = layers.conv(channels_in, hidden, 3, GAIN, bias=not norm.affine)
        self.conv2 = layers.conv(hidden, channels_out, 3, GAIN)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(x))))))


class PlainBlock(Residual):
    """A discriminator's block that keeps the size of the map. It adds the map itself, or a 1x1 convolution of it if the
    block changes the number of channels. The arguments are those of `Residual`."""

    def __init__(self, channels_in: int, channels_out: int, hidden: int, norm: Norm, layers: Layers) -> None:
        super().__init__(channels_in, channels_out, hidden, norm, layers)
        self.shortcut = nn.Identity() if channels_in == channels_out else layers.conv(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + super().forward(x)


class DownBlock(nn.Module):
    """A discriminator's block that halves the map. The arguments are those of `Residual`."""

    def __init__(self, channels_in: int, channels_out: int, hidden: int, norm: Norm, layers: Layers) -> None:
        super().__init__()
        self.block = Residual(channels_in, channels_out, hidden, norm, layers)
        self.shortcut = layers.conv(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        # A 1x1 convolution commutes with mean pooling, and costs a quarter after it.
        return self.shortcut(F.avg_pool2d(x, 2)) + F.avg_pool2d(self.block(x), 2)
