"""Generators, translators and discriminators, one family per file, and the parts they share."""

from gan_lightning.networks.autoencoder import AutoencoderDiscriminator
from gan_lightning.networks.contracts import Discriminator, Generator, Translator
from gan_lightning.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from gan_lightning.networks.encoder_decoder import EncoderDecoder
from gan_lightning.networks.layers.conditioning import (
    ConditionalBatchNorm,
    GeneratorBatchNorm,
    ImageAndCondition,
    ImageOnly,
    InnerProductHead,
    LinearHead,
    NoGeneratorNorm,
    NoiseAndCondition,
    NoiseOnly,
    ProjectionHead,
)
from gan_lightning.networks.layers.embedding import Embedder, NoCondition, OneHot
from gan_lightning.networks.layers.growth import Growth
from gan_lightning.networks.layers.minibatch import (
    MinibatchDiscrimination,
    MinibatchHead,
    MinibatchStandardDeviation,
    StandardDeviationChannel,
)
from gan_lightning.networks.layers.norm import (
    BatchNorm,
    EqualisedRate,
    InstanceNorm,
    LayerNorm,
    NoNorm,
    Norm,
    SpectralNorm,
)
from gan_lightning.networks.mlp import MLPDiscriminator, MLPGenerator
from gan_lightning.networks.patchgan import PatchGAN, PixelGAN
from gan_lightning.networks.progressive import ProgressiveDiscriminator, ProgressiveGenerator
from gan_lightning.networks.r3gan import R3GANDiscriminator, R3GANGenerator
from gan_lightning.networks.residual import ResidualTranslator
from gan_lightning.networks.resnet import GlobalMeanPool, GlobalSumPool, ResNetDiscriminator, ResNetGenerator
from gan_lightning.networks.translator import ResNetTranslator
from gan_lightning.networks.unet import UNet

__all__ = [
    "AutoencoderDiscriminator",
    "BatchNorm",
    "ConditionalBatchNorm",
    "DCGANDiscriminator",
    "DCGANGenerator",
    "Discriminator",
    "Embedder",
    "EncoderDecoder",
    "EqualisedRate",
    "Generator",
    "GeneratorBatchNorm",
    "GlobalMeanPool",
    "GlobalSumPool",
    "Growth",
    "ImageAndCondition",
    "ImageOnly",
    "InnerProductHead",
    "InstanceNorm",
    "LayerNorm",
    "LinearHead",
    "MLPDiscriminator",
    "MLPGenerator",
    "MinibatchDiscrimination",
    "MinibatchHead",
    "MinibatchStandardDeviation",
    "NoCondition",
    "NoGeneratorNorm",
    "NoNorm",
    "NoiseAndCondition",
    "NoiseOnly",
    "Norm",
    "OneHot",
    "PatchGAN",
    "PixelGAN",
    "ProgressiveDiscriminator",
    "ProgressiveGenerator",
    "ProjectionHead",
    "R3GANDiscriminator",
    "R3GANGenerator",
    "ResNetDiscriminator",
    "ResNetGenerator",
    "ResNetTranslator",
    "ResidualTranslator",
    "SpectralNorm",
    "StandardDeviationChannel",
    "Translator",
    "UNet",
]
