"""Training steps, one file each, on the stepping machinery of `base`."""

from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.cyclegan import CycleGAN
from gan_lightning.models.ensemble import Ensemble
from gan_lightning.models.gan import GAN
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.models.pix2pix import Pix2Pix
from gan_lightning.models.processes import Replicas
from gan_lightning.models.schedules import Constant, LinearDecay, Schedule

__all__ = [
    "GAN",
    "AdversarialModule",
    "Constant",
    "CycleGAN",
    "Ensemble",
    "LinearDecay",
    "Optimisation",
    "Pix2Pix",
    "Replicas",
    "Schedule",
]
