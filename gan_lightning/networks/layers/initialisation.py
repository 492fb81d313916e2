"""How the weights of a network start."""

from abc import ABC, abstractmethod
from typing import final

from torch import Tensor, nn

from gan_lightning.ranges import Positive, within


class Initialisation(ABC):
    """Draws the weights of a layer."""

    @abstractmethod
    def __call__(self, weight: Tensor, gain: float) -> None:
        """Draw a weight of two or more axes in place; `gain` makes up for what the layer's ReLU takes away."""


@final
class Glorot(Initialisation):
    """Uniform, as wide as the numbers of inputs and outputs ask for (WGAN-GP, SNGAN, SAGAN)."""

    def __call__(self, weight: Tensor, gain: float) -> None:
        nn.init.xavier_uniform_(weight, gain)


@final
class Orthogonal(Initialisation):
    """Orthonormal filters (Saxe et al. 2013, arXiv:1312.6120), as in BigGAN; gains are not used."""

    def __call__(self, weight: Tensor, gain: float) -> None:
        nn.init.orthogonal_(weight)


@final
class Gaussian(Initialisation):
    """N(0, std), as DCGAN, and the script of BigGAN's author for CIFAR-10; gains are not used."""

    def __init__(self, std: Positive = 0.02) -> None:
        self.std = within("network.*.initialise.std", Positive, std)

    def __call__(self, weight: Tensor, gain: float) -> None:
        nn.init.normal_(weight, 0.0, self.std)


GLOROT = Glorot()
"""The usual start of residual networks."""
ORTHOGONAL = Orthogonal()
