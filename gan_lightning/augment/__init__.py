"""Augmentation: random changes to every image, real or generated, before a discriminator sees it."""

from gan_lightning.augment.ada import AdaptiveAugmentation
from gan_lightning.augment.colour import Colour
from gan_lightning.augment.contracts import Augment, Transformation
from gan_lightning.augment.cutout import Cutout
from gan_lightning.augment.diffaugment import DiffAugment
from gan_lightning.augment.geometry import Geometry
from gan_lightning.augment.noise import InstanceNoise

__all__ = [
    "AdaptiveAugmentation",
    "Augment",
    "Colour",
    "Cutout",
    "DiffAugment",
    "Geometry",
    "InstanceNoise",
    "Transformation",
]
