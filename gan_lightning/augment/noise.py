"""Instance noise."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from gan_lightning.augment.contracts import Augment
from gan_lightning.errors import SettingError
from gan_lightning.ramps import LinearRamp, Ramp, checked
from gan_lightning.ranges import AtLeastZero, Share, within


@final
class InstanceNoise(Augment):
    """Gaussian noise on every number of an image (Arjovsky and Bottou 2017, arXiv:1701.04862; Sønderby et al. 2016,
    arXiv:1610.04490).

    With it, the distributions of data and samples always overlap, so the discriminator cannot be sure and the
    generator's gradient does not vanish. The noise decreases linearly, to zero at the share `until` of the run's
    budget, unless `std` is a ramp.

    Args:
        std: standard deviation at the beginning, or a ramp of it; images lie in [-1, 1].
        until: in (0, 1]; 1 with a ramp, which has its own end.

    Raises:
        SettingError: either lies outside its range, or both say when the noise ends.
    """

    capturable = True
    std: Tensor

    def __init__(self, std: AtLeastZero | Ramp = 0.1, until: Share = 1.0) -> None:
        super().__init__()
        given = checked("augment.instance_noise.std", AtLeastZero, std)
        within("augment.instance_noise.until", Share, until)
        if isinstance(given, Ramp) and until != 1:
            raise SettingError(f"augment.instance_noise.until={until}: std is a ramp, which says itself when it ends")
        self.ramp = given if isinstance(given, Ramp) else LinearRamp(given, 0.0, until=until)
        self.register_buffer("std", torch.tensor(self.ramp(0.0)), persistent=False)

    def follow(self, progress: float) -> None:
        self.std.fill_(self.ramp(progress))

    def change(self, image: Tensor) -> Tensor:
        return image + self.std * torch.randn(*image.shape, dtype=image.dtype, device=image.device)

    def observe(self, real_logits: Tensor) -> Mapping[str, Tensor]:
        return {"std": self.std.clone()}
