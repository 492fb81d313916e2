"""Instance noise."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from gan_lightning.augment.contracts import Augment
from gan_lightning.ranges import AtLeastZero, Share, within


@final
class InstanceNoise(Augment):
    """Gaussian noise on every number of an image (Arjovsky and Bottou 2017, arXiv:1701.04862; Sønderby et al. 2016,
    arXiv:1610.04490).

    With it, the distributions of data and samples always overlap, so the discriminator cannot be sure and the
    generator's gradient does not vanish. The noise decreases linearly, to zero at the share `until` of the run's
    budget.

    Args:
        std: standard deviation at the beginning; images lie in [-1, 1].
        until: in (0, 1].

    Raises:
        SettingError: either lies outside its range.
    """

    capturable = True

    def __init__(self, std: AtLeastZero = 0.1, until: Share = 1.0) -> None:
        super().__init__()
        self.std = within("augment.instance_noise.std", AtLeastZero, std)
        self.until = within("augment.instance_noise.until", Share, until)
        self.strength = std
        self.present: Tensor | None = None  # the strength, where the images are

    def follow(self, progress: float) -> None:
        self.strength = self.std * max(0.0, 1 - progress / self.until)
        if self.present is not None:
            self.present.fill_(self.strength)

    def change(self, image: Tensor) -> Tensor:
        if self.present is None or (self.present.device, self.present.dtype) != (image.device, image.dtype):
            self.present = image.new_full((), self.strength)
        return image + self.present * torch.randn(*image.shape, dtype=image.dtype, device=image.device)

    def observe(self, real_logits: Tensor) -> Mapping[str, Tensor]:
        return {"std": real_logits.new_full((), self.strength) if self.present is None else self.present.clone()}
