"""Training steps, one file each. `adversarial` holds what GANs share, `stepping` how every model steps."""

from gan_lightning.models.adversarial import AdversarialModule
from gan_lightning.models.contracts import FromNoise, Translating
from gan_lightning.models.cyclegan import CycleGAN
from gan_lightning.models.ensemble import Ensemble
from gan_lightning.models.gan import GAN
from gan_lightning.models.optimisation import Optimisation, Training
from gan_lightning.models.pix2pix import Pix2Pix
from gan_lightning.models.players import Player
from gan_lightning.models.prior import Normal, Prior, Spherical, Uniform
from gan_lightning.models.replicas import Replicas
from gan_lightning.models.schedules import Constant, LinearDecay, Schedule
from gan_lightning.models.standing import renew_statistics
from gan_lightning.models.stargan import StarGAN
from gan_lightning.models.stepping import SteppingModule
from gan_lightning.ramps import CosineRamp, HalfLifeRamp, LinearRamp

__all__ = [
    "GAN",
    "AdversarialModule",
    "Constant",
    "CosineRamp",
    "CycleGAN",
    "Ensemble",
    "FromNoise",
    "HalfLifeRamp",
    "LinearDecay",
    "LinearRamp",
    "Normal",
    "Optimisation",
    "Pix2Pix",
    "Player",
    "Prior",
    "Replicas",
    "Schedule",
    "Spherical",
    "StarGAN",
    "SteppingModule",
    "Training",
    "Translating",
    "Uniform",
    "renew_statistics",
]
