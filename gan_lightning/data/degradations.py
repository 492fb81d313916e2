"""What turns a photograph into a worse picture of it, so that a model can learn the way back.

A degradation sees one picture at a time and draws all its random numbers from the generator that it is given, so that
the same draw always makes the same pair: in another process, and after a run is resumed.
"""

import io
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2.functional import pil_to_tensor, to_pil_image

from gan_lightning.bicubic import reduced
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Count, Few, Percentage, Positive, Share, within


class Degradation(ABC):
    """Makes a worse picture.

    Attributes:
        scale: how many times lower and narrower the worse picture is.
    """

    scale: int = 1

    def channels(self, channels: int) -> int:
        """How many channels a picture of so many has afterwards.

        Raises:
            SettingError: it cannot be degraded in this way.
        """
        return channels

    @abstractmethod
    def __call__(self, picture: Tensor, random: torch.Generator) -> Tensor:
        """The worse picture.

        Args:
            picture: (C, H, W) uint8; both sides are multiples of `scale`.
            random: what every random number is drawn from.

        Returns:
            (channels(C), H / scale, W / scale) uint8.
        """


@final
@dataclass(frozen=True)
class Grey(Degradation):
    """Without its colours: the task is colourisation (Zhang et al. 2016, arXiv:1603.08511).

    The grey is the luma of ITU-R BT.601, as Pillow's mode L has it, to the last bit.
    """

    def channels(self, channels: int) -> int:
        if channels != 3:
            raise SettingError(
                f"dataset.source.channels={channels}: degradation=grey takes the colours away and needs pictures of 3 "
                "channels"
            )
        return 1

    def __call__(self, picture: Tensor, random: torch.Generator) -> Tensor:
        red, green, blue = picture.int()
        return ((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16).byte()[None]


@final
@dataclass(frozen=True)
class LowResolution(Degradation):
    """Made smaller by antialiased bicubic interpolation, and rounded to 8 bits: the task is super-resolution.

    The published test sets are made like this. Before it is rounded, the result is that of Pillow's bicubic filter, and
    in the interior that of MATLAB's.

    Args:
        scale: how many times lower and narrower.
    """

    scale: Few = 4

    def __post_init__(self) -> None:
        within("dataset.degradation.scale", Few, self.scale)

    def __call__(self, picture: Tensor, random: torch.Generator) -> Tensor:
        return reduced(picture.float(), self.scale).round().clamp(0, 255).byte()


@final
@dataclass(frozen=True)
class Holes(Degradation):
    """With rectangles of it covered in grey: the task is inpainting (Pathak et al. 2016, arXiv:1604.07379).

    Args:
        share: of the picture that all holes cover together, where they do not overlap.
        number: of holes. Each has its place and its shape drawn at random, up to twice as high as wide or the reverse,
            as far as the picture has room.
    """

    share: Share = 0.25
    number: Count = 1

    def __post_init__(self) -> None:
        within("dataset.degradation.share", Share, self.share)
        within("dataset.degradation.number", Count, self.number)

    def __call__(self, picture: Tensor, random: torch.Generator) -> Tensor:
        covered = picture.clone()
        height, width = picture.shape[1:]
        side = math.sqrt(self.share * height * width / self.number)
        for _ in range(self.number):
            drawn = torch.rand(3, generator=random).tolist()
            stretch = min(max(2 ** (drawn[0] - 0.5), side / width), height / side)  # no longer than the picture
            tall, wide = round(side * stretch), round(side / stretch)
            top, left = int(drawn[1] * (height - tall + 1)), int(drawn[2] * (width - wide + 1))
            covered[:, top : top + tall, left : left + wide] = 128
        return covered


@final
@dataclass(frozen=True)
class Noise(Degradation):
    """With Gaussian noise, rounded to 8 bits: the task is denoising (Zhang et al. 2016, arXiv:1608.03981).

    Args:
        std: standard deviation, in levels of 0 to 255.
    """

    std: Positive = 25.0

    def __post_init__(self) -> None:
        within("dataset.degradation.std", Positive, self.std)

    def __call__(self, picture: Tensor, random: torch.Generator) -> Tensor:
        noise = self.std * torch.randn(picture.shape, generator=random)
        return (picture + noise).round().clamp(0, 255).byte()


@final
@dataclass(frozen=True)
class Jpeg(Degradation):
    """Compressed as JPEG: the task is to remove the traces of it (Dong et al. 2015, arXiv:1504.06993).

    Args:
        worst, best: Pillow's quality, from 1 to 100. The quality of each picture is drawn from this range.
    """

    worst: Percentage = 10
    best: Percentage = 40

    def __post_init__(self) -> None:
        within("dataset.degradation.worst", Percentage, self.worst)
        within("dataset.degradation.best", Percentage, self.best)
        if self.worst > self.best:
            raise SettingError(
                f"dataset.degradation.worst={self.worst}: allowed is at most dataset.degradation.best={self.best}"
            )

    def channels(self, channels: int) -> int:
        if channels not in (1, 3):
            raise SettingError(f"dataset.source.channels={channels}: a JPEG has 1 or 3 channels")
        return channels

    def __call__(self, picture: Tensor, random: torch.Generator) -> Tensor:
        quality = int(torch.randint(self.worst, self.best + 1, (), generator=random))
        file = io.BytesIO()
        to_pil_image(picture).save(file, format="JPEG", quality=quality)
        return pil_to_tensor(Image.open(file))
