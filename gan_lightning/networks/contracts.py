"""What a training step may expect of a generator, an encoder, a translator and a discriminator."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError


class Generator(nn.Module, ABC):
    """Noise and condition to an image. Unconditional generators get conditions too and ignore them.

    A generator may map noise to another latent w first, as StyleGAN does. It then has its own `map`, `synthesise` and
    `mean_w`, and its `forward` is `synthesise(map(z, condition), condition)`. Without a mapping w is z.

    `bounded` says that images stay within [-1, 1], as those of a tanh do. A generator that sets it to False may leave
    the range; the discriminator sees its images as they are, and samples are clamped.
    """

    latent_dim: int
    bounded: bool = True

    @abstractmethod
    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """Noise z (B, latent_dim) and conditions, as the data deliver them, to images (B, C, H, W) in [-1, 1]."""

    def counterparts(self, real: Tensor) -> Tensor:
        """Real images (B, C, H, W) with the size and the detail of those that `forward` makes now. A generator that
        grows makes smaller ones at first, whose real counterparts the discriminator is shown; others change nothing."""
        return real

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        """Noise z (B, latent_dim) and conditions to w (B, ...)."""
        return z

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        """w (B, ...) and conditions to images (B, C, H, W) in [-1, 1]."""
        image: Tensor = self(w, condition)
        return image

    def mean_w(self) -> Tensor | None:
        """The mean of w (...), towards which truncation moves w; None without a mapping, where it acts on z."""
        return None

    def gaussian(self, condition: Tensor) -> tuple[Tensor, Tensor] | None:
        """If the generator draws a vector from a normal distribution that the condition decides, with numbers of z: its
        mean and the logarithm of its standard deviation, (B, K) each. None if conditions enter as they are."""
        return None


class Encoder(nn.Module, ABC):
    """Image and condition to the numbers that describe its latent. Unconditional encoders ignore conditions.

    It is built from the number of its outputs, its first argument, so its option holds `_partial_: true`.
    """

    @abstractmethod
    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] and their conditions to numbers (B, outputs) without bounds."""


class Translator(nn.Module, ABC):
    """Picture of one domain to a picture of another, of any size that fits.

    Attributes:
        multiple: heights and widths are multiples of it.
        minimum: smallest height and width.
        scale: how many times higher and wider its pictures are than those it is given.
        reach: how far, in pixels of the source, a pixel of the output sees, once training is over. None: over the whole
            picture, or nobody has counted it. A picture may be translated in overlapping tiles if it is known.
    """

    multiple: int
    minimum: int
    scale: int = 1
    reach: int | None = None

    @abstractmethod
    def forward(self, image: Tensor) -> Tensor:
        """Images (B, C_in, H, W) to images (B, C_out, scale H, scale W), both in [-1, 1]."""

    def check(self, size: Sequence[int]) -> None:
        """Raise a SettingError that names the nearest sizes unless this network takes pictures of (height, width)."""
        check_size(size, self.multiple, self.minimum, f"this {type(self).__name__}")


def at_least_float32(values: Tensor) -> Tensor:
    """The same values, in float32 if they have fewer digits."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def with_exact_logits(network: nn.Module, given: tuple[Tensor, ...], verdict: Any) -> Any:
    """A forward hook of discriminators: a network that computes in bfloat16 gives its logits in float32.

    Losses subtract logits, and their means, for which the two or three digits of bfloat16 are too few.
    """
    if not isinstance(verdict, Verdict):  # a network of your own; the check before training says what is wrong
        return verdict
    return verdict._replace(logits=at_least_float32(verdict.logits))


class Discriminator(nn.Module, ABC):
    """Image and condition to a `Verdict`. Under a Wasserstein loss it is called the critic.

    `gives_energy` says that its logits are minus an energy, and so never positive.
    """

    feature_dim: int
    gives_energy: bool = False

    def __init__(self) -> None:
        super().__init__()
        self.register_forward_hook(with_exact_logits)

    @abstractmethod
    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        """Images (B, C, H, W) in [-1, 1] and their conditions to raw logits and features (B, feature_dim)."""


def doublings(resolution: int, start: int) -> int:
    """How often `start` pixels double to reach `resolution`; networks here take powers of two from 16.

    Raises:
        SettingError: another resolution.
    """
    if resolution == 1:
        raise SettingError(
            "dataset.resolution=1: these data are points, and this network takes images; experiment=toy_ring or "
            "experiment=toy_grid chooses all that points need"
        )
    if resolution < 16 or resolution & (resolution - 1):
        raise SettingError(
            f"dataset.resolution={resolution}: this network takes a power of two, at least 16 (16, 32, 64, 128 ...); "
            "network=mlp takes any"
        )
    return (resolution // start).bit_length() - 1


def channels_at(side: int, width: int) -> int:
    """Channels of maps of so many pixels a side: `width` up to 32 pixels, and half as many with each further doubling.

    >>> [channels_at(side, 512) for side in (4, 32, 64, 1024)]
    [512, 512, 256, 16]
    """
    return max(1, 32 * width // max(32, side))


def enlargements(scale: int, network: str) -> int:
    """How often pictures double to become `scale` times larger.

    Args:
        network: what messages call the network.

    Raises:
        SettingError: a scale other than 1, 2, 4 and 8.
    """
    if scale not in (1, 2, 4, 8):
        raise SettingError(
            f"network.translator.scale={scale}: {network} makes pictures 1, 2, 4 or 8 times larger; choose one of "
            "these as dataset.degradation.scale"
        )
    return scale.bit_length() - 1


def check_size(size: Sequence[int], multiple: int, minimum: int, network: str) -> None:
    """Refuses a size (height, width) that does not fit, and names the nearest ones that do.

    Args:
        minimum: smallest side, itself a multiple of `multiple`.
        network: what the message calls the network, with its article.

    Raises:
        SettingError: a side that is not a multiple of `multiple` or is below `minimum`.
    """
    smaller = [max(minimum, side // multiple * multiple) for side in size]
    larger = [max(minimum, -(-side // multiple) * multiple) for side in size]
    if [*size] == smaller == larger:
        return
    nearest = f"are {as_setting(smaller)} and {as_setting(larger)}" if smaller != larger else f"is {as_setting(larger)}"
    raise SettingError(
        f"dataset.resolution={as_setting(size)}: {network} takes heights and widths that are multiples of {multiple}, "
        f"at least {minimum}; the nearest {nearest}"
    )


def as_setting(size: Sequence[int]) -> str:
    """A size (height, width) as it is typed in a setting: 64 for a square, otherwise [64,96]."""
    height, width = size
    return str(height) if height == width else f"[{height},{width}]"
