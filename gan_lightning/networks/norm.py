"""Normalisation in the discriminator, the recipe's choice (`critic_norm`), which every network reads.

Which one is allowed depends on the method: a gradient penalty speaks of one image's score, so batch
normalisation, which mixes the batch, contradicts it (arXiv:1704.00028, section 4).
"""

from abc import ABC, abstractmethod
from typing import final

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


class CriticNorm(ABC):
    """Says how a layer's weight and how its output are normalised."""

    @abstractmethod
    def weight(self, layer: nn.Module) -> nn.Module:
        """The layer, its weight normalised or as it was."""

    @abstractmethod
    def activation(self, channels: int) -> nn.Module:
        """A module for maps (B, channels, H, W) that stands after the layer."""


@final
class NoNorm(CriticNorm):
    """No normalisation: WGAN-GP's critic for CIFAR-10."""

    def weight(self, layer: nn.Module) -> nn.Module:
        return layer

    def activation(self, channels: int) -> nn.Module:
        return nn.Identity()


@final
class BatchNorm(CriticNorm):
    """Batch normalisation (DCGAN, arXiv:1511.06434)."""

    def weight(self, layer: nn.Module) -> nn.Module:
        return layer

    def activation(self, channels: int) -> nn.Module:
        return nn.BatchNorm2d(channels)


@final
class LayerNorm(CriticNorm):
    """Layer normalisation over channels and pixels of one image, with a gain per channel.

    That is WGAN-GP's layer norm (arXiv:1704.00028, authors' code), and equals group norm with one group.
    """

    def weight(self, layer: nn.Module) -> nn.Module:
        return layer

    def activation(self, channels: int) -> nn.Module:
        return nn.GroupNorm(1, channels)


@final
class SpectralNorm(CriticNorm):
    """Each weight matrix divided by its largest singular value (SNGAN, arXiv:1802.05957)."""

    def weight(self, layer: nn.Module) -> nn.Module:
        return spectral_norm(layer)

    def activation(self, channels: int) -> nn.Module:
        return nn.Identity()
