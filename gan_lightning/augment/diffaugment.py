"""Differentiable augmentation of fixed strength."""

from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.augment.colour import saturated, split_colours
from gan_lightning.augment.contracts import Augment, uniform
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import Probability, within


@final
class DiffAugment(Augment):
    """For few data (Zhao et al. 2020, arXiv:2006.10738): colour, then translation, then cutout, on every image.

    Colours are the first three channels, or the first of one or two; saturation changes nothing in grey pictures. All
    channels, opacity too, are translated and cut in the same way. Pixels from outside the picture, and those that are
    cut out, are 0, which is mid-grey.

    Args:
        brightness: what is added to all colours is drawn from U[-brightness, brightness].
        saturation: the factor on the distance from grey, from U[1 - saturation, 1 + saturation].
        contrast: the factor on the distance from the image's mean, from U[1 - contrast, 1 + contrast].
        translation: largest shift along each axis, by whole pixels, as a share of the sides.
        cutout: sides of the rectangle that is cut out, as a share of the image's; its centre is anywhere in it.

    Raises:
        SettingError: one of them lies outside of [0, 1]; 0 leaves it out.
    """

    moves_pixels = True

    def __init__(
        self,
        brightness: Probability | Ramp = 0.5,
        saturation: Probability | Ramp = 1.0,
        contrast: Probability | Ramp = 0.5,
        translation: Probability = 0.125,
        cutout: Probability = 0.5,
    ) -> None:
        super().__init__()
        self.brightness = setting("augment.diffaugment.brightness", Probability, brightness)
        self.saturation = setting("augment.diffaugment.saturation", Probability, saturation)
        self.contrast = setting("augment.diffaugment.contrast", Probability, contrast)
        self.translation = within("augment.diffaugment.translation", Probability, translation)
        self.cutout = within("augment.diffaugment.cutout", Probability, cutout)

    def change(self, image: Tensor) -> Tensor:
        return self._cut(self._translated(self._coloured(image)))

    def _coloured(self, image: Tensor) -> Tensor:
        colour, others = split_colours(image)
        colour = colour + now(self.brightness) * (2 * uniform(image) - 1)
        colour = saturated(colour, 1 + now(self.saturation) * (2 * uniform(image) - 1))
        mean = colour.mean((1, 2, 3), keepdim=True)
        colour = colour + now(self.contrast) * (2 * uniform(image) - 1) * (colour - mean)
        return torch.cat([colour, others], 1)

    def _translated(self, image: Tensor) -> Tensor:
        height, width = image.shape[2:]
        down, right = _of_side(height, self.translation), _of_side(width, self.translation)
        padded = F.pad(image, (right, right, down, down))
        rows = _whole(2 * down + 1, image) + torch.arange(height, device=image.device)
        columns = _whole(2 * right + 1, image) + torch.arange(width, device=image.device)
        number = torch.arange(len(image), device=image.device)[:, None, None]
        # Indexing by (B, 1, 1), (B, H, 1) and (B, 1, W) picks a window per image, with the channels behind.
        return padded[number, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)

    def _cut(self, image: Tensor) -> Tensor:
        height, width = image.shape[2:]
        rows, columns = self._inside(height, image), self._inside(width, image)
        return image.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0)

    def _inside(self, side: int, image: Tensor) -> Tensor:
        """Which places (B, side) along an axis the rectangle covers."""
        length = _of_side(side, self.cutout)
        start = _whole(side + 1 - length % 2, image) - length // 2
        place = torch.arange(side, device=image.device) - start
        return (place >= 0) & (place < length)


def _of_side(side: int, share: float) -> int:
    """The whole number of pixels nearest to a share of a side."""
    return int(side * share + 0.5)


def _whole(n: int, image: Tensor) -> Tensor:
    """A whole number below n per image (B, 1), all as likely."""
    # The product may be rounded up to n.
    return (uniform(image).view(-1, 1) * n).long().clamp_max(n - 1)
