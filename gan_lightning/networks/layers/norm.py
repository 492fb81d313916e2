"""Normalisation in discriminators and in translators: how weights and how activations are normalised.

In a discriminator it is the recipe's choice (`critic_norm`), which every network reads. Which one is allowed
depends on the method: a gradient penalty is defined on the score of one image, so batch normalisation, which
mixes the batch, contradicts it (arXiv:1704.00028, section 4).
"""

from abc import ABC, abstractmethod
from typing import ClassVar, final

import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.networks.layers.equalised import equalised
from gan_lightning.networks.layers.spectral import spectrally_normalised
from gan_lightning.ranges import Positive, within


class Norm(ABC):
    """Says how a layer's weight and how its output are normalised.

    Attributes:
        affine: the activation module adds a shift per channel, which makes a bias before it redundant.
        pixels: fewest pixels of a map that the activation module can normalise.
        local: after training, what becomes of a pixel does not depend on the other pixels of its picture.
    """

    affine: ClassVar[bool]
    pixels: ClassVar[int] = 1
    local: ClassVar[bool] = True

    @abstractmethod
    def weight(self, layer: nn.Module) -> nn.Module:
        """The layer, with its weight normalised or unchanged."""

    @abstractmethod
    def activation(self, channels: int) -> nn.Module:
        """A module for maps (B, channels, H, W) that comes after the layer."""


@final
class NoNorm(Norm):
    """No normalisation: WGAN-GP's critic for CIFAR-10."""

    affine = False

    def weight(self, layer: nn.Module) -> nn.Module:
        return layer

    def activation(self, channels: int) -> nn.Module:
        return nn.Identity()


NO_NORM = NoNorm()


@final
class BatchNorm(Norm):
    """Batch normalisation (DCGAN, arXiv:1511.06434)."""

    affine = True

    def weight(self, layer: nn.Module) -> nn.Module:
        return layer

    def activation(self, channels: int) -> nn.Module:
        return nn.BatchNorm2d(channels)


@final
class InstanceNorm(Norm):
    """Each channel of one image standardised over its pixels, in training and afterwards (CycleGAN,
    arXiv:1703.10593; Ulyanov et al. 2016, arXiv:1607.08022). Nothing is learned and nothing is remembered."""

    affine = False
    local = False
    pixels = 2  # one pixel has no spread to divide by

    def weight(self, layer: nn.Module) -> nn.Module:
        return layer

    def activation(self, channels: int) -> nn.Module:
        return nn.InstanceNorm2d(channels)


@final
class AffineInstanceNorm(Norm):
    """Instance normalisation with a learned gain and shift for each channel (StarGAN, arXiv:1711.09020).

    No statistics are gathered, so a picture is normalised in the same way in training and afterwards.
    """

    affine = True
    pixels = 2

    def weight(self, layer: nn.Module) -> nn.Module:
        return layer

    def activation(self, channels: int) -> nn.Module:
        return nn.InstanceNorm2d(channels, affine=True)


@final
class LayerNorm(Norm):
    """Layer normalisation over channels and pixels of one image, with a gain per channel.

    That is WGAN-GP's layer norm (arXiv:1704.00028, authors' code), and equals group norm with one group.
    """

    affine = True
    local = False

    def weight(self, layer: nn.Module) -> nn.Module:
        return layer

    def activation(self, channels: int) -> nn.Module:
        return nn.GroupNorm(1, channels)


@final
class SpectralNorm(Norm):
    """Each weight matrix divided by its largest singular value (SNGAN, arXiv:1802.05957).

    Args:
        eps: least length by which the power iteration divides.
    """

    affine = False

    def __init__(self, eps: Positive = 1e-12) -> None:
        self.eps = within("critic_norm.eps", Positive, eps)

    def weight(self, layer: nn.Module) -> nn.Module:
        return spectrally_normalised(layer, self.eps)

    def activation(self, channels: int) -> nn.Module:
        return nn.Identity()


@final
class EqualisedRate(Norm):
    """Each layer with an equalised learning rate: its weights are drawn again, and scaled by the number of inputs
    whenever they are used (Karras et al. 2017, arXiv:1710.10196). Activations are left alone.

    Args:
        gain: of the weights. StyleGAN's discriminators have it in their activations instead, and take 1 here.
    """

    affine = False

    def __init__(self, gain: Positive = 1.0) -> None:
        self.gain = within("critic_norm.gain", Positive, gain)

    def weight(self, layer: nn.Module) -> nn.Module:
        return equalised(layer, self.gain)

    def activation(self, channels: int) -> nn.Module:
        return nn.Identity()


def pixel_norm(x: Tensor) -> Tensor:
    """Vectors (B, F), or those of every pixel of maps (B, F, H, W), with a mean square of one over F (Karras et al.
    2017, arXiv:1710.10196, section 4.2)."""
    # Half precision could not hold large squares, and the small number beside them.
    precise = x.to(torch.promote_types(x.dtype, torch.float32))
    return (precise * (precise.square().mean(1, keepdim=True) + 1e-8).rsqrt()).to(x.dtype)


def check_pixels(norm: Norm, pixels: int, place: str, settings: str) -> None:
    """Refuses a norm that cannot normalise maps of as few as `pixels` pixels.

    Args:
        norm: that a network was given.
        pixels: of the smallest map that it normalises there.
        place: in the network, for the message.
        settings: that choose another norm there, for the message.

    Raises:
        SettingError: the norm needs more.
    """
    if pixels < norm.pixels:
        raise SettingError(
            f"{type(norm).__name__} standardises each channel over the pixels of one image, but {place} has "
            f"{pixels}; use {settings}"
        )
