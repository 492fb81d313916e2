"""Changes of colour, computed from the grey axis: the line of colours whose three channels are equal.

A picture's first three channels are its colours; with one or two channels, only the first is. Further channels, such as
opacity, keep their values. Grey pictures lie on the axis, so hue and saturation do not change them; no special case is
needed.
"""

import math
from typing import final

import torch
from torch import Tensor

from gan_lightning.augment.contracts import Transformation, normal, sometimes, uniform
from gan_lightning.ranges import AtLeastZero, Probability, within


def split_colours(image: Tensor) -> tuple[Tensor, Tensor]:
    """The channels of (B, C, H, W) that are colours, and the others."""
    colours = 3 if image.shape[1] >= 3 else 1
    return image[:, :colours], image[:, colours:]


def saturated(colour: Tensor, factor: Tensor) -> Tensor:
    """Colours moved away from the grey axis to `factor` (B, 1, 1, 1) times their distance; 0 is grey."""
    return colour + (factor - 1) * (colour - colour.mean(1, keepdim=True))


def rotated_hue(colour: Tensor, angle: Tensor) -> Tensor:
    """Colours turned about the grey axis by `angle` (B, 1, 1, 1) in radians; a third of a turn makes red green."""
    around = (colour.roll(1, 1) - colour.roll(-1, 1)) / math.sqrt(3)  # the axis' unit vector times the colour
    off_axis = colour - colour.mean(1, keepdim=True)
    return colour + (angle.cos() - 1) * off_axis + angle.sin() * around


@final
class Colour(Transformation):
    """ADA's changes of colour (Karras et al. 2020, arXiv:2006.06676, appendix B), in the paper's order and strengths.

    Args:
        brightness: standard deviation of what is added to all colours.
        contrast: standard deviation of the binary logarithm of the factor on all colours, about mid-grey.
        luma_flip: whether light and dark are exchanged, in half of the images to which it is applied; hues stay.
        hue: largest turn about the grey axis, as a share of a half turn.
        saturation: standard deviation of the binary logarithm of the factor on the distance from the grey axis.
        share: of p with which each of these changes happens (R3GAN, arXiv:2501.05441: 0.5).

    Raises:
        SettingError: a negative strength, turns of more than a half, or a share outside of [0, 1].
    """

    def __init__(
        self,
        brightness: AtLeastZero = 0.2,
        contrast: AtLeastZero = 0.5,
        luma_flip: bool = True,
        hue: Probability = 1.0,
        saturation: AtLeastZero = 1.0,
        share: Probability = 1.0,
    ) -> None:
        strengths = {"brightness": brightness, "contrast": contrast, "saturation": saturation}
        for name, value in strengths.items():
            within(f"augment.ada.colour.{name}", AtLeastZero, value)
        within("augment.ada.colour.hue", Probability, hue)
        self.brightness, self.contrast, self.luma_flip = brightness, contrast, luma_flip
        self.hue, self.saturation = hue, saturation
        self.share = within("augment.ada.colour.share", Probability, share)

    def __call__(self, image: Tensor, p: Tensor) -> Tensor:
        p = self.share * p
        colour, others = split_colours(image)
        colour = colour + sometimes(p, self.brightness * normal(image), 0)
        colour = colour * sometimes(p, torch.exp2(self.contrast * normal(image)), 1)
        flipped = sometimes(p, (uniform(image) < self.luma_flip / 2).to(image), 0)
        colour = colour - 2 * flipped * colour.mean(1, keepdim=True)
        colour = rotated_hue(colour, sometimes(p, math.pi * self.hue * (2 * uniform(image) - 1), 0))
        colour = saturated(colour, sometimes(p, torch.exp2(self.saturation * normal(image)), 1))
        return torch.cat([colour, others], 1)
