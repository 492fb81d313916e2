"""Generators and discriminators, one family per file, and the parts they share."""

from gan_lightning.networks.conditioning import (
    ConditionalBatchNorm,
    GeneratorBatchNorm,
    ImageAndLabel,
    ImageOnly,
    LinearHead,
    NoiseAndLabel,
    NoiseOnly,
    ProjectionHead,
)
from gan_lightning.networks.contracts import Discriminator, Generator
from gan_lightning.networks.critic_norm import BatchNorm, CriticNorm, LayerNorm, NoNorm, SpectralNorm
from gan_lightning.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from gan_lightning.networks.mlp import MLPDiscriminator, MLPGenerator
from gan_lightning.networks.resnet import GlobalMeanPool, GlobalSumPool, ResNetDiscriminator, ResNetGenerator

__all__ = [
    "BatchNorm",
    "ConditionalBatchNorm",
    "CriticNorm",
    "DCGANDiscriminator",
    "DCGANGenerator",
    "Discriminator",
    "Generator",
    "GeneratorBatchNorm",
    "GlobalMeanPool",
    "GlobalSumPool",
    "ImageAndLabel",
    "ImageOnly",
    "LayerNorm",
    "LinearHead",
    "MLPDiscriminator",
    "MLPGenerator",
    "NoNorm",
    "NoiseAndLabel",
    "NoiseOnly",
    "ProjectionHead",
    "ResNetDiscriminator",
    "ResNetGenerator",
    "SpectralNorm",
]
