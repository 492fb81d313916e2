"""StyleGAN2 (Karras et al. 2019, arXiv:1912.04958), also as StyleGAN2-ADA (2020, arXiv:2006.06676) uses it, at any
power-of-two resolution from 16.

The paper's figure 2d is a layer of the generator, its figure 7 the "skip" generator and the "residual" discriminator,
which its configurations E and F have. Activations are LeakyReLUs of slope 0.2 times the root of two. Resizing goes
through the filter [1, 3, 3, 1].
"""

from collections.abc import Callable
from math import sqrt
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator
from gan_lightning.networks.layers.conditioning import Head, ImageInput, Latent
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.equalised import scaled_leaky_relu
from gan_lightning.networks.layers.modulation import ModulatedConvolution, NoiseInput
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.networks.layers.resampling import TAPS, Blur, Downsample, Upsample
from gan_lightning.networks.style import StyleGenerator, widths
from gan_lightning.ranges import Few, Probability, Size


class _Layer(nn.Module):
    """Modulated convolution, noise, bias, LeakyReLU (figure 2d): maps (B, inputs, H, W) to (B, outputs, size, size)."""

    def __init__(self, inputs: int, outputs: int, style_dim: int, size: int, number: int, up: bool) -> None:
        super().__init__()
        self.convolution = ModulatedConvolution(inputs, outputs, 3, style_dim, up)
        self.noise = NoiseInput(size, 1, number)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return scaled_leaky_relu(self.noise(self.convolution(x, w)) + self.bias[:, None, None])


class _ToImage(nn.Module):
    """A modulated 1x1 convolution without demodulation: maps (B, inputs, H, W) to images (B, C, H, W)."""

    def __init__(self, inputs: int, channels: int, style_dim: int) -> None:
        super().__init__()
        self.convolution = ModulatedConvolution(inputs, channels, 1, style_dim, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return self.convolution(x, w) + self.bias[:, None, None]


@final
class StyleGAN2Generator(StyleGenerator):
    """A learnt 4x4 map, then two layers for each doubling; the image is the sum of what every resolution adds to it
    (figure 7, "output skips"). Nothing bounds the image.

    Of the L = 2 (number of resolutions) vectors in w, the first two belong to 4x4: to its layer and to its image. Each
    further resolution has two layers; its image has the vector of the next resolution's first layer, as in the authors'
    code.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        latent: builds the `Latent` from `latent_dim` and the length of c.
        width: channels at the full resolution; half the resolution has twice as many.
        widest: most channels of a resolution (the paper: 512).
        latent_dim: length of the noise vector (the paper: 512).
        style_dim: D, numbers of w for each layer (the paper: 512).
        depth: layers of the mapping network (the paper: 8; StyleGAN2-ADA on CIFAR-10: 2).
        mixing: probability of style mixing in training (the paper: 0.9; StyleGAN2-ADA on CIFAR-10: 0).
        embedder: conditions to c; None without conditions.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        latent: Callable[[int, int], Latent],
        width: Size = 16,
        widest: Size = 128,
        latent_dim: Size = 128,
        style_dim: Size = 128,
        depth: Few = 8,
        mixing: Probability = 0.9,
        embedder: Embedder | None = None,
    ) -> None:
        hidden = widths(resolution, width, widest)
        super().__init__(2 * len(hidden), latent_dim, style_dim, depth, mixing, latent, embedder)
        self.constant = nn.Parameter(torch.randn(hidden[0], 4, 4))
        shapes = [(hidden[0], hidden[0], 4, False)]
        for level in range(1, len(hidden)):
            size, inputs, outputs = 4 * 2**level, hidden[level - 1], hidden[level]
            shapes += [(inputs, outputs, size, True), (outputs, outputs, size, False)]
        self.convolutions = nn.ModuleList(
            _Layer(inputs, outputs, style_dim, size, number, up)
            for number, (inputs, outputs, size, up) in enumerate(shapes)
        )
        self.to_image = nn.ModuleList(_ToImage(inputs, channels, style_dim) for inputs in hidden)
        self.upsample = Upsample()

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        return self.image(w)

    def image(self, w: Tensor) -> Tensor:
        x = self.constant.expand(w.shape[0], -1, -1, -1)
        image: Tensor | None = None
        for number, convolution in enumerate(self.convolutions):
            x = convolution(x, w[:, number])
            if number % 2 == 0:  # the last layer of its resolution
                own = self.to_image[number // 2](x, w[:, number + 1])
                image = own if image is None else self.upsample(image) + own
        assert image is not None
        return image


def _convolution(inputs: int, outputs: int, kernel: int, norm: Norm, stride: int = 1, bias: bool = True) -> nn.Module:
    """A convolution whose outputs are as large as its inputs; with stride 2, for maps that were padded before."""
    padding = kernel // 2 if stride == 1 else 0
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=bias)
    nn.init.normal_(layer.weight, 0.0, 1 / sqrt(inputs * kernel**2))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return norm.weight(layer)


@final
class DownBlock(nn.Module):
    """Two convolutions, of which the second one halves height and width after a filter (StyleGAN2-ADA's "orig").

    Args:
        inputs, outputs: channels.
        norm: normalises weights and activations.
    """

    def __init__(self, inputs: int, outputs: int, norm: Norm) -> None:
        super().__init__()
        self.first = _convolution(inputs, inputs, 3, norm, bias=not norm.affine)
        self.second = _convolution(inputs, outputs, 3, norm, stride=2, bias=not norm.affine)
        self.first_norm, self.second_norm = norm.activation(inputs), norm.activation(outputs)
        self.blur = Blur(TAPS, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        x = scaled_leaky_relu(self.first_norm(self.first(x)))
        return scaled_leaky_relu(self.second_norm(self.second(self.blur(x))))


@final
class ResidualDownBlock(nn.Module):
    """A `DownBlock` beside a 1x1 convolution of the smaller maps; their sum is divided by the root of two (figure 7,
    "residual").

    Args:
        inputs, outputs: channels.
        norm: normalises weights and activations.
    """

    def __init__(self, inputs: int, outputs: int, norm: Norm) -> None:
        super().__init__()
        self.block = DownBlock(inputs, outputs, norm)
        self.shortcut = nn.Sequential(Downsample(), _convolution(inputs, outputs, 1, norm, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return (self.block(x) + self.shortcut(x)) / sqrt(2)


@final
class StyleGAN2Discriminator(Discriminator):
    """A 1x1 convolution of the image, a block for each halving down to 4x4, the deviation within the batch as a further
    channel, a convolution, a linear layer, and the head.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        norm: of all weights and activations but those of the first layer (spectral, equalised: every weight).
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        block: builds a `DownBlock` or `ResidualDownBlock` from the channels of its input and output and `norm`.
        deviation: what adds a channel to the 4x4 maps, a `StandardDeviationChannel`.
        width: channels at the full resolution; half the resolution has twice as many.
        widest: most channels of a resolution (the paper: 512).
        embedder: conditions to c; None without conditions.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        head: Callable[[int, Norm, int], Head],
        block: Callable[[int, int, Norm], nn.Module],
        deviation: nn.Module,
        width: Size = 16,
        widest: Size = 128,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        hidden = widths(resolution, width, widest)
        bias = not norm.affine
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        self.from_image = _convolution(self.image.channels, hidden[-1], 1, norm)
        levels = zip(reversed(hidden[1:]), reversed(hidden[:-1]), strict=True)
        self.blocks = nn.Sequential(*(block(inputs, outputs, norm) for inputs, outputs in levels))
        self.deviation = deviation
        self.convolution = _convolution(hidden[0] + 1, hidden[0], 3, norm, bias=bias)
        self.convolution_norm = norm.activation(hidden[0])
        linear = nn.Linear(hidden[0] * 4 * 4, hidden[0])
        nn.init.normal_(linear.weight, 0.0, 1 / sqrt(linear.in_features))
        self.linear = norm.weight(linear)
        self.feature_dim = hidden[0]
        self.head = head(self.feature_dim, norm, self.embedder.features)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        x = self.blocks(scaled_leaky_relu(self.from_image(self.image(image, c))))
        x = scaled_leaky_relu(self.convolution_norm(self.convolution(self.deviation(x))))
        features = scaled_leaky_relu(self.linear(x.flatten(1)))
        return Verdict(self.head(features, c), features)
