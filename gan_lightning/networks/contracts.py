"""What a training step may expect of a generator and of a discriminator."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError


class Generator(nn.Module, ABC):
    """Noise and label to an image. Unconditional generators are given labels too and ignore them."""

    latent_dim: int

    @abstractmethod
    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        """Noise z (B, latent_dim) ~ N(0, I) and labels (B,) to images (B, C, H, W) in [-1, 1]."""


class Discriminator(nn.Module, ABC):
    """Image and label to a `Verdict`. Under a Wasserstein loss it is called the critic."""

    feature_dim: int

    @abstractmethod
    def forward(self, image: Tensor, label: Tensor) -> Verdict:
        """Images (B, C, H, W) in [-1, 1] and labels (B,) to raw logits and features (B, feature_dim)."""


def doublings(resolution: int, start: int) -> int:
    """How often `start` pixels double to reach `resolution`; networks here take powers of two from 16.

    Raises:
        SettingError: another resolution.
    """
    if resolution < 16 or resolution & (resolution - 1):
        raise SettingError(
            f"dataset.resolution={resolution}: this network takes a power of two, at least 16 (16, 32, 64, 128 ...)"
        )
    return (resolution // start).bit_length() - 1
