"""Feature extractors, and scores on torchmetrics."""

from gan_lightning.metrics.contracts import Extraction, Extractor, NoLabelsError, NoScores, Scores, quantise
from gan_lightning.metrics.extractors.backbones import TimmExtractor
from gan_lightning.metrics.extractors.classifier import ClassifierExtractor
from gan_lightning.metrics.extractors.inception import InceptionExtractor
from gan_lightning.metrics.extractors.resizing import CleanResize, Resize, TensorFlowResize
from gan_lightning.metrics.extractors.untrained import RandomExtractor
from gan_lightning.metrics.generation import GenerationScores
from gan_lightning.metrics.judgement import caveats
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.references import fewest
from gan_lightning.metrics.results import as_json, as_markdown, as_text
from gan_lightning.metrics.score import LEAST_LOOKED_AT, GatheredScore, SamplerScore, Score
from gan_lightning.metrics.scores.captions import CaptionAccuracy
from gan_lightning.metrics.scores.classes import ClassAccuracy, ClassDivergence, ClassesReached
from gan_lightning.metrics.scores.classification import ClassificationAccuracy
from gan_lightning.metrics.scores.copying import CopyingTest
from gan_lightning.metrics.scores.fidelity import PSNR, SSIM, PairScore
from gan_lightning.metrics.scores.frechet import FrechetDistance
from gan_lightning.metrics.scores.frechet_infinity import FrechetInfinity
from gan_lightning.metrics.scores.inception_score import InceptionScore
from gan_lightning.metrics.scores.intra_frechet import IntraFrechet
from gan_lightning.metrics.scores.kernel import KernelDistance
from gan_lightning.metrics.scores.manifold import Coverage, Density, Precision, Recall
from gan_lightning.metrics.scores.memorisation import Authenticity, Copied, NearestRatio
from gan_lightning.metrics.scores.mifid import MemorisationFrechet
from gan_lightning.metrics.scores.modes import ModeScores
from gan_lightning.metrics.scores.path_length import PathLengthW, PathLengthZ
from gan_lightning.metrics.scores.sliced_wasserstein import SlicedWasserstein
from gan_lightning.metrics.scores.structural_similarity import SimilarityWithinClasses
from gan_lightning.metrics.sequences import SequenceScores
from gan_lightning.metrics.translation import TranslationScores

__all__ = [
    "LEAST_LOOKED_AT",
    "PSNR",
    "SSIM",
    "Authenticity",
    "CaptionAccuracy",
    "ClassAccuracy",
    "ClassDivergence",
    "ClassesReached",
    "ClassificationAccuracy",
    "ClassifierExtractor",
    "CleanResize",
    "Copied",
    "CopyingTest",
    "Coverage",
    "Density",
    "Extraction",
    "Extractor",
    "FrechetDistance",
    "FrechetInfinity",
    "GatheredScore",
    "GenerationScores",
    "InceptionExtractor",
    "InceptionScore",
    "IntraFrechet",
    "KernelDistance",
    "MemorisationFrechet",
    "ModeScores",
    "NearestRatio",
    "NoLabelsError",
    "NoScores",
    "PairScore",
    "PathLengthW",
    "PathLengthZ",
    "Precision",
    "RandomExtractor",
    "RealSide",
    "Recall",
    "Resize",
    "SamplerScore",
    "Score",
    "Scores",
    "SequenceScores",
    "SimilarityWithinClasses",
    "SlicedWasserstein",
    "TensorFlowResize",
    "TimmExtractor",
    "TranslationScores",
    "as_json",
    "as_markdown",
    "as_text",
    "caveats",
    "fewest",
    "quantise",
]
