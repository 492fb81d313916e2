"""Feature extractors, and scores on torchmetrics."""

from gan_lightning.metrics.classifier import ClassifierExtractor
from gan_lightning.metrics.contracts import Extraction, Extractor, NoLabelsError, NoScores, Scores, quantise
from gan_lightning.metrics.inception import InceptionExtractor
from gan_lightning.metrics.judgement import judged, score_table
from gan_lightning.metrics.modes import ModeScores
from gan_lightning.metrics.scores import GenerationScores
from gan_lightning.metrics.translation import TranslationScores

__all__ = [
    "ClassifierExtractor",
    "Extraction",
    "Extractor",
    "GenerationScores",
    "InceptionExtractor",
    "ModeScores",
    "NoLabelsError",
    "NoScores",
    "Scores",
    "TranslationScores",
    "judged",
    "quantise",
    "score_table",
]
