"""Residual blocks of translators that keep the size (Johnson et al. 2016, arXiv:1603.08155)."""

from collections.abc import Callable
from typing import final

from torch import Tensor, nn

from gan_lightning.networks.layers.norm import Norm

Initialise = Callable[[nn.Module], None]
"""Draws the weights of a layer. PyTorch has drawn them before in its own way."""


def normalised(layer: nn.Module, channels: int, norm: Norm, initialise: Initialise) -> list[nn.Module]:
    """A layer and the normalisation of its output, which has so many channels."""
    return [norm.weight(layer.apply(initialise)), norm.activation(channels).apply(initialise)]


@final
class ResidualBlock(nn.Module):
    """The map plus two 3x3 convolutions of it; no activation after the sum.

    Args:
        channels: of the map.
        norm: normalisation after each convolution.
        pad: builds the layer that pads by so many pixels on each side.
        initialise: draws the weights.
        dropout: probability of zeroing a channel's pixel between the convolutions.
    """

    def __init__(
        self,
        channels: int,
        norm: Norm,
        pad: Callable[[int], nn.Module],
        initialise: Initialise,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()

        def convolution() -> list[nn.Module]:
            layer = nn.Conv2d(channels, channels, 3, bias=not norm.affine)
            return [pad(1), *normalised(layer, channels, norm, initialise)]

        noise = [nn.Dropout(dropout)] if dropout else []
        self.residual = nn.Sequential(*convolution(), nn.ReLU(), *noise, *convolution())

    def forward(self, x: Tensor) -> Tensor:
        return x + self.residual(x)
