"""Feature extractors, and scores on torchmetrics."""

from gan_lightning.metrics.contracts import Extraction, Extractor, NoLabelsError, NoScores, Scores, quantise
from gan_lightning.metrics.extractors.classifier import ClassifierExtractor
from gan_lightning.metrics.extractors.inception import InceptionExtractor
from gan_lightning.metrics.generation import GenerationScores
from gan_lightning.metrics.judgement import judged, score_table
from gan_lightning.metrics.scores.modes import ModeScores
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
