"""Adaptive discriminator augmentation."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from gan_lightning import distributed
from gan_lightning.augment.contracts import Augment, Transformation
from gan_lightning.errors import SettingError
from gan_lightning.ramps import Ramp, checked
from gan_lightning.ranges import Count, Probability, Signed, within


@final
class AdaptiveAugmentation(Augment):
    """ADA, for few data (Karras et al. 2020, arXiv:2006.06676): each transformation happens to each image with a
    probability p that rises while the discriminator overfits, and falls while it does not.

    Overfitting is measured as r = E sign(D(x) - d) over real images x (r_t in the paper, where d = 0). d is the logit
    at which the objective is undecided, so r is 0 if D is undecided, and 1 if it is sure that all are real. Every
    `interval` discriminator steps, p rises if r is above `target` and falls if it is below, by the number of images
    seen since divided by `images`; it stays within [0, 1]. The images of all processes count, so p is the same on all.
    An objective that only compares scores has no such d and is refused, unless `target` is None.

    Args:
        transformations: by name, in the order in which they are applied.
        p: probability at the beginning; without a target it may be a ramp.
        target: of r, within (-1, 1); None keeps p as it is.
        interval: discriminator steps between two moves of p.
        images: real images in which p would go from 0 to 1. The paper: 500,000 of 25 million.

    Raises:
        SettingError: one of the numbers lies outside its range; both a target and a ramp say how p changes.
    """

    moves_pixels = True
    capturable = True
    position: Tensor
    heard: Tensor
    updates: Tensor

    def __init__(
        self,
        transformations: Mapping[str, Transformation],
        p: Probability | Ramp = 0.0,
        target: Signed | None = 0.6,
        interval: Count = 4,
        images: Count = 500_000,
    ) -> None:
        super().__init__()
        checked("augment.ada.p", Probability, p)
        self.ramp = p if isinstance(p, Ramp) else None
        if target is not None:
            within("augment.ada.target", Signed, target)
            if isinstance(p, Ramp):
                raise SettingError(f"augment.ada.target={target}: p is a ramp; say augment.ada.target=null")
        for name, value in {"interval": interval, "images": images}.items():
            within(f"augment.ada.{name}", Count, value)
        self.transformations = dict(transformations)
        self.target, self.interval, self.images = target, interval, images
        first = p(0.0) if isinstance(p, Ramp) else p
        # Whole numbers: half precision leaves them alone, and sums do not depend on the number of processes.
        self.register_buffer("position", torch.tensor(round(first * images)))  # p as a number of images
        self.register_buffer("heard", torch.zeros(3, dtype=torch.long))  # images, logits, sum of signs
        self.register_buffer("updates", torch.zeros((), dtype=torch.long))  # since p could last move

    @property
    def needs_decision_threshold(self) -> bool:
        return self.target is not None

    @property
    def p(self) -> Tensor:
        """The probability now (scalar)."""
        return self.position / self.images

    def change(self, image: Tensor) -> Tensor:
        for transformation in self.transformations.values():
            image = transformation(image, self.p)
        return image

    def observe(self, real_logits: Tensor) -> Mapping[str, Tensor]:
        signs = real_logits.detach().sign().sum(dtype=torch.long)
        counts = [torch.full_like(signs, number) for number in (len(real_logits), real_logits.numel())]
        self.heard += distributed.total(torch.stack([*counts, signs]))
        return {"p": self.p}

    def follow(self, progress: float) -> None:
        if self.ramp is not None:
            self.position.fill_(round(self.ramp(progress) * self.images))
        if self.target is None:
            return
        # `due` stays on the device, so that the CPU need not wait for it.
        due = self.updates >= self.interval
        images, logits, signs = self.heard
        direction = torch.sign(signs - self.target * logits).long()
        self.position += torch.where(due, direction * images, 0)
        self.position.clamp_(0, self.images)
        self.heard *= ~due
        self.updates.copy_(torch.where(due, 1, self.updates + 1))
