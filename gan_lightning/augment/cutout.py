"""A rectangle that is cut out of an image, sometimes."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.augment.contracts import Transformation, sometimes, uniform
from gan_lightning.ranges import Share, within


@final
class Cutout(Transformation):
    """ADA's cutout (Karras et al. 2020, arXiv:2006.06676, appendix B): the pixels of a rectangle become 0, which is
    mid-grey. Its centre is anywhere in the image, so that parts of it may lie outside.

    Args:
        size: sides of the rectangle, as a share of the image's.

    Raises:
        SettingError: a share outside of (0, 1].
    """

    def __init__(self, size: Share = 0.5) -> None:
        self.size = within("augment.scheduled.cutout.size", Share, size)

    def __call__(self, image: Tensor, p: Tensor) -> Tensor:
        half = sometimes(p, image.new_full((len(image), 1, 1, 1), self.size / 2), 0)
        outside = [
            ((torch.arange(side, device=image.device) + 0.5) / side - uniform(image)).abs() >= half
            for side in image.shape[2:]
        ]
        rows, columns = outside[0].mT, outside[1]
        return image * (rows | columns)
