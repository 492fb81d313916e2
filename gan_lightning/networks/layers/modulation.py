"""How the latent w of style-based generators acts on maps, and the noise beside it (StyleGAN, arXiv:1812.04948;
StyleGAN2, arXiv:1912.04958)."""

from typing import final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks.layers.equalised import equalised
from gan_lightning.networks.layers.resampling import TAPS, Blur


@final
class ModulatedConvolution(nn.Module):
    """A convolution whose weights are scaled for each image by a style (StyleGAN2, arXiv:1912.04958, equations 1, 3).

    The style s is a linear function of w, one number for each input channel, at first about 1. The weights of an image
    are W s; demodulation divides those of each output channel by their root sum of squares, so that outputs are as
    large as inputs. Weights of every image's own would need a grouped convolution. Instead the input is multiplied by s
    and the output by the inverse root, which is the same and needs no such weights.

    Args:
        inputs, outputs: channels.
        kernel: height and width of the kernel, odd.
        style_dim: D, the length of w.
        up: double height and width: a transposed convolution and then a low-pass filter.
        demodulate: the layers that make RGB of maps do not.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, style_dim: int, up: bool = False, demodulate: bool = True
    ) -> None:
        super().__init__()
        self.style = equalised(nn.Linear(style_dim, inputs), bias=1.0)
        self.convolution = equalised(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False))
        self.blur = Blur(TAPS, padding=1, gain=4.0) if up else None
        self.demodulate = demodulate

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Maps (B, inputs, H, W) and w (B, D) to maps (B, outputs, H, W), or twice as high and wide."""
        style, weight = self.style(w), self.convolution.weight
        x = x * style[:, :, None, None]
        if self.blur is None:
            x = F.conv2d(x, weight, padding=self.convolution.padding)
        else:
            x = self.blur(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2))
        return x * self.inverse_norm(style, weight)[:, :, None, None] if self.demodulate else x

    def inverse_norm(self, style: Tensor, weight: Tensor) -> Tensor:
        """One over the root sum of squares of each output channel's weights (B, outputs), for styles (B, inputs)."""
        with torch.autocast(style.device.type, enabled=False):
            squares = weight.square().sum((2, 3))
            sums = style.to(squares.dtype).square() @ squares.T
            return (sums + 1e-8).rsqrt().to(style.dtype)


@final
class AdaptiveInstanceNorm(nn.Module):
    """Every channel of an image standardised, and then scaled and shifted by a style, which is a linear function of w
    (AdaIN; StyleGAN, arXiv:1812.04948, equation 1). The scale is at first about 1 and the shift about 0.

    Args:
        channels: of the maps.
        style_dim: D, the length of w.
    """

    def __init__(self, channels: int, style_dim: int) -> None:
        super().__init__()
        self.style = equalised(nn.Linear(style_dim, 2 * channels))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Maps (B, C, H, W) and w (B, D) to maps of the same shape."""
        scale, shift = self.style(w)[:, :, None, None].chunk(2, 1)
        return F.instance_norm(x, eps=1e-8) * (scale + 1) + shift


@final
class NoiseInput(nn.Module):
    """Adds noise to maps: one plane for each image, the same in all channels but for a learnt factor, at first 0
    (StyleGAN, arXiv:1812.04948, section 2).

    In training every image has noise of its own. Afterwards the plane is always the same one, so that an image depends
    on w alone, on every device and in every batch.

    Args:
        size: height and width of the maps.
        strengths: learnt factors: one for each channel (StyleGAN), or 1 for all together (StyleGAN2).
        number: of the layer, which keys the plane that stays.
    """

    still: Tensor

    def __init__(self, size: int, strengths: int, number: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(strengths))
        plane = np.random.Generator(np.random.Philox(key=number)).standard_normal((1, 1, size, size), np.float32)
        self.register_buffer("still", torch.from_numpy(plane), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, C, size, size) to maps of the same shape."""
        plane = self.still.to(x.dtype)
        if self.training:
            plane = torch.randn(len(x), 1, *x.shape[2:], device=x.device, dtype=x.dtype)
        return x + self.strength[:, None, None].to(x.dtype) * plane
