"""Generators, translators and discriminators, one family per file, and the parts they share."""

from gan_lightning.networks.autoencoder import AutoencoderDiscriminator
from gan_lightning.networks.began import BEGANDiscriminator, BEGANGenerator
from gan_lightning.networks.biggan import BigGANGenerator
from gan_lightning.networks.biggan_deep import BigGANDeepDiscriminator, BigGANDeepGenerator
from gan_lightning.networks.contracts import Discriminator, Encoder, Generator, Translator
from gan_lightning.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from gan_lightning.networks.dfgan import DFGANDiscriminator, DFGANGenerator
from gan_lightning.networks.encoder_decoder import EncoderDecoder
from gan_lightning.networks.encoders import DCGANEncoder, MLPEncoder
from gan_lightning.networks.energy import ClassEnergy, Energy, ScoreEnergy
from gan_lightning.networks.joint import JointDiscriminator
from gan_lightning.networks.laplacian import BandGenerator, Cascade, LaplacianDiscriminator, LaplacianGenerator
from gan_lightning.networks.layers.attention import Attention
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
from gan_lightning.networks.layers.initialisation import Gaussian, Glorot, Initialisation, Orthogonal
from gan_lightning.networks.layers.mapping import MappedProjectionHead, NoiseAndNormalisedCondition
from gan_lightning.networks.layers.minibatch import (
    MinibatchDiscrimination,
    MinibatchHead,
    MinibatchStandardDeviation,
    StandardDeviationChannel,
)
from gan_lightning.networks.layers.norm import (
    AffineInstanceNorm,
    BatchNorm,
    EqualisedRate,
    InstanceNorm,
    LayerNorm,
    NoNorm,
    Norm,
    SpectralNorm,
)
from gan_lightning.networks.layers.resampling import Blur
from gan_lightning.networks.layers.stages import Stages
from gan_lightning.networks.layers.vector_conditioning import (
    ConditioningAugmentation,
    NoiseAndCompressedCondition,
    ReplicatedConditionHead,
)
from gan_lightning.networks.layers.widths import Even, Pyramid, Widths
from gan_lightning.networks.mlp import MLPDiscriminator, MLPGenerator
from gan_lightning.networks.patchgan import PatchGAN, PixelGAN
from gan_lightning.networks.progressive import ProgressiveDiscriminator, ProgressiveGenerator
from gan_lightning.networks.r3gan import R3GANDiscriminator, R3GANGenerator
from gan_lightning.networks.residual import ResidualTranslator
from gan_lightning.networks.resnet import GlobalMeanPool, GlobalSumPool, ResNetDiscriminator, ResNetGenerator
from gan_lightning.networks.rrdb import RRDBNet
from gan_lightning.networks.sentences import (
    BagOfWords,
    GRUEncoder,
    ReadingDiscriminator,
    SentenceEncoder,
    Vector,
)
from gan_lightning.networks.sequence_critics import ConvolutionalReader, RecurrentReader, SequenceDiscriminator
from gan_lightning.networks.sequences import LSTMGenerator, SequenceGenerator
from gan_lightning.networks.sngan import SNGANDiscriminator, SNGANGenerator
from gan_lightning.networks.srresnet import SRResNet
from gan_lightning.networks.stackgan import StackGANDiscriminator, StackGANGenerator
from gan_lightning.networks.stargan import StarGANDiscriminator, StarGANTranslator
from gan_lightning.networks.stylegan import StyleGANGenerator
from gan_lightning.networks.stylegan2 import (
    DownBlock,
    ResidualDownBlock,
    StyleGAN2Discriminator,
    StyleGAN2Generator,
)
from gan_lightning.networks.translator import ResNetTranslator
from gan_lightning.networks.unet import UNet
from gan_lightning.networks.vgg import SRGANDiscriminator, VGGDiscriminator

__all__ = [
    "AffineInstanceNorm",
    "Attention",
    "AutoencoderDiscriminator",
    "BEGANDiscriminator",
    "BEGANGenerator",
    "BagOfWords",
    "BandGenerator",
    "BatchNorm",
    "BigGANDeepDiscriminator",
    "BigGANDeepGenerator",
    "BigGANGenerator",
    "Blur",
    "Cascade",
    "ClassEnergy",
    "ConditionalBatchNorm",
    "ConditioningAugmentation",
    "ConvolutionalReader",
    "DCGANDiscriminator",
    "DCGANEncoder",
    "DCGANGenerator",
    "DFGANDiscriminator",
    "DFGANGenerator",
    "Discriminator",
    "DownBlock",
    "Embedder",
    "Encoder",
    "EncoderDecoder",
    "Energy",
    "EqualisedRate",
    "Even",
    "GRUEncoder",
    "Gaussian",
    "Generator",
    "GeneratorBatchNorm",
    "GlobalMeanPool",
    "GlobalSumPool",
    "Glorot",
    "Growth",
    "ImageAndCondition",
    "ImageOnly",
    "Initialisation",
    "InnerProductHead",
    "InstanceNorm",
    "JointDiscriminator",
    "LSTMGenerator",
    "LaplacianDiscriminator",
    "LaplacianGenerator",
    "LayerNorm",
    "LinearHead",
    "MLPDiscriminator",
    "MLPEncoder",
    "MLPGenerator",
    "MappedProjectionHead",
    "MinibatchDiscrimination",
    "MinibatchHead",
    "MinibatchStandardDeviation",
    "NoCondition",
    "NoGeneratorNorm",
    "NoNorm",
    "NoiseAndCompressedCondition",
    "NoiseAndCondition",
    "NoiseAndNormalisedCondition",
    "NoiseOnly",
    "Norm",
    "OneHot",
    "Orthogonal",
    "PatchGAN",
    "PixelGAN",
    "ProgressiveDiscriminator",
    "ProgressiveGenerator",
    "ProjectionHead",
    "Pyramid",
    "R3GANDiscriminator",
    "R3GANGenerator",
    "RRDBNet",
    "ReadingDiscriminator",
    "RecurrentReader",
    "ReplicatedConditionHead",
    "ResNetDiscriminator",
    "ResNetGenerator",
    "ResNetTranslator",
    "ResidualDownBlock",
    "ResidualTranslator",
    "SNGANDiscriminator",
    "SNGANGenerator",
    "SRGANDiscriminator",
    "SRResNet",
    "ScoreEnergy",
    "SentenceEncoder",
    "SequenceDiscriminator",
    "SequenceGenerator",
    "SpectralNorm",
    "StackGANDiscriminator",
    "StackGANGenerator",
    "Stages",
    "StandardDeviationChannel",
    "StarGANDiscriminator",
    "StarGANTranslator",
    "StyleGAN2Discriminator",
    "StyleGAN2Generator",
    "StyleGANGenerator",
    "Translator",
    "UNet",
    "VGGDiscriminator",
    "Vector",
    "Widths",
]
