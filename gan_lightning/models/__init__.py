"""Training steps, one file each. `adversarial` holds what GANs share, `stepping` how every model steps."""

from gan_lightning.models.adversarial import AdversarialModule
from gan_lightning.models.adversarial_sequences import AdversarialSequences
from gan_lightning.models.alone import GeneratorAlone, TranslatorsAlone
from gan_lightning.models.autoencoder import Autoencoder
from gan_lightning.models.balance import BalanceGate
from gan_lightning.models.between_domains import BetweenDomains
from gan_lightning.models.bigan import BiGAN
from gan_lightning.models.blend import blend
from gan_lightning.models.contracts import Encoding, FromNoise, Translating
from gan_lightning.models.cyclegan import CycleGAN
from gan_lightning.models.energy import EnergyModel
from gan_lightning.models.ensemble import Ensemble
from gan_lightning.models.fitted import FittedGaussian
from gan_lightning.models.from_noise import ImagesFromNoise
from gan_lightning.models.gan import GAN
from gan_lightning.models.gumbel import GumbelGAN
from gan_lightning.models.langevin import LangevinChain
from gan_lightning.models.lapgan import LAPGAN
from gan_lightning.models.optimisation import (
    DiscriminatorOptimisation,
    EncoderOptimisation,
    GeneratorOptimisation,
    Optimisation,
    PolicyOptimisation,
    Training,
)
from gan_lightning.models.pix2pix import Pix2Pix
from gan_lightning.models.players import Player, networks_of
from gan_lightning.models.policy_gradient import PolicyGradient
from gan_lightning.models.posteriors import DiagonalGaussian, Point, Posterior
from gan_lightning.models.prior import Coded, Normal, Prior, Quantiles, Spherical, Uniform
from gan_lightning.models.replay import ReplayBuffer
from gan_lightning.models.replicas import Replicas
from gan_lightning.models.restoration import Restoration
from gan_lightning.models.rewards import MovingMean, PerToken, Reward, RolledOut
from gan_lightning.models.schedules import Constant, LinearDecay, Schedule, StepDecay
from gan_lightning.models.sequences import MaximumLikelihood, SequenceModel
from gan_lightning.models.standing import renew_statistics
from gan_lightning.models.stargan import StarGAN
from gan_lightning.models.stepping import SteppingModule
from gan_lightning.models.vae import VAE
from gan_lightning.models.vae_gan import VAEGAN
from gan_lightning.ramps import CosineRamp, HalfLifeRamp, LinearRamp

__all__ = [
    "GAN",
    "LAPGAN",
    "VAE",
    "VAEGAN",
    "AdversarialModule",
    "AdversarialSequences",
    "Autoencoder",
    "BalanceGate",
    "BetweenDomains",
    "BiGAN",
    "Coded",
    "Constant",
    "CosineRamp",
    "CycleGAN",
    "DiagonalGaussian",
    "DiscriminatorOptimisation",
    "EncoderOptimisation",
    "Encoding",
    "EnergyModel",
    "Ensemble",
    "FittedGaussian",
    "FromNoise",
    "GeneratorAlone",
    "GeneratorOptimisation",
    "GumbelGAN",
    "HalfLifeRamp",
    "ImagesFromNoise",
    "LangevinChain",
    "LinearDecay",
    "LinearRamp",
    "MaximumLikelihood",
    "MovingMean",
    "Normal",
    "Optimisation",
    "PerToken",
    "Pix2Pix",
    "Player",
    "Point",
    "PolicyGradient",
    "PolicyOptimisation",
    "Posterior",
    "Prior",
    "Quantiles",
    "ReplayBuffer",
    "Replicas",
    "Restoration",
    "Reward",
    "RolledOut",
    "Schedule",
    "SequenceModel",
    "Spherical",
    "StarGAN",
    "StepDecay",
    "SteppingModule",
    "Training",
    "Translating",
    "TranslatorsAlone",
    "Uniform",
    "blend",
    "networks_of",
    "renew_statistics",
]
