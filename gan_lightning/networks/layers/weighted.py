"""How a network makes its layers with weights."""

from dataclasses import dataclass

from torch import nn

from gan_lightning.networks.layers.initialisation import GLOROT, Initialisation
from gan_lightning.networks.layers.norm import NO_NORM, Norm


@dataclass(frozen=True)
class Layers:
    """Makes convolutions that keep the size of a map, and linear layers. Biases start at zero.

    Attributes:
        norm: normalises the weights. They are drawn before, so that spectral norm knows what it divides by.
        initialise: draws them.
    """

    norm: Norm = NO_NORM
    initialise: Initialisation = GLOROT

    def conv(self, channels_in: int, channels_out: int, kernel: int, gain: float = 1.0, bias: bool = True) -> nn.Module:
        """A convolution with an odd kernel, padded with zeros."""
        return self._begin(nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2, bias=bias), gain)

    def linear(self, features_in: int, features_out: int, bias: bool = True) -> nn.Module:
        """A linear layer."""
        return self._begin(nn.Linear(features_in, features_out, bias), 1.0)

    def _begin(self, layer: nn.Conv2d | nn.Linear, gain: float) -> nn.Module:
        self.initialise(layer.weight, gain)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
        return self.norm.weight(layer)
