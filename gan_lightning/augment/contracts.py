"""What a training step asks of an augmentation, and what an augmentation asks of its transformations."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from gan_lightning.ramps import Follows


class Augment(nn.Module, Follows, ABC):
    """Changes every image that a discriminator is shown, real or generated, in both players' steps.

    Each image is changed by its own random numbers, from torch's global generator. The result is differentiable in the
    images, also twice, as gradient penalties need it. Real and generated images must be changed alike, or the generator
    would learn the changes.

    `moves_pixels` says that it makes no sense for points, which are images of one pixel.
    """

    moves_pixels: bool = False

    @property
    def needs_decision_threshold(self) -> bool:
        """Whether it needs a loss that has a `decision_threshold`."""
        return False

    def forward(self, image: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] to changed ones of the same shape and type; they may leave the range."""
        # Half precision would blur positions and colours.
        with torch.autocast(image.device.type, enabled=False):
            exact = image.to(torch.promote_types(image.dtype, torch.float32))
            return self.change(exact).to(image.dtype)

    @abstractmethod
    def change(self, image: Tensor) -> Tensor:
        """The same in at least float32."""

    def observe(self, real_logits: Tensor) -> Mapping[str, Tensor]:
        """Called with the discriminator's logits of a batch of augmented real images; returns scalars to log, by name.

        Args:
            real_logits: one per image, or a map of them. The loss's `decision_threshold` is subtracted, if it has
                one. With `accumulate`, this is called several times per update.
        """
        return {}


class Transformation(ABC):
    """A family of changes, for augmentations that decide how often they happen."""

    @abstractmethod
    def __call__(self, image: Tensor, p: Tensor) -> Tensor:
        """Images (B, C, H, W), each changed by each member of the family with probability `p` (a scalar in [0, 1]),
        independently. With p = 0 nothing changes, to the last bit."""


def uniform(image: Tensor) -> Tensor:
    """A number from U[0, 1) per image (B, 1, 1, 1)."""
    return torch.rand(len(image), 1, 1, 1, dtype=image.dtype, device=image.device)


def normal(image: Tensor) -> Tensor:
    """A number from N(0, 1) per image (B, 1, 1, 1)."""
    return torch.randn(len(image), 1, 1, 1, dtype=image.dtype, device=image.device)


def sometimes(p: Tensor, value: Tensor, neutral: float) -> Tensor:
    """`value` (B, 1, 1, 1), each with probability `p`, else `neutral`."""
    return torch.where(uniform(value) < p, value, neutral)
