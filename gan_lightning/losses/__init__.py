"""Objectives, penalties, constraints and auxiliary tasks: pure terms that a step adds up."""

from gan_lightning.losses.adversarial import EnergyBased, Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from gan_lightning.losses.auxiliary import AuxiliaryClassifier, FeatureMatching, Information
from gan_lightning.losses.began import BoundaryEquilibrium
from gan_lightning.losses.content import VGG19Distance
from gan_lightning.losses.contracts import (
    AdversarialLoss,
    Auxiliary,
    ConditionalCritic,
    Constraint,
    Critic,
    GeneratorPenalty,
    Penalty,
    Reconstruction,
    Regulariser,
    WrappedLoss,
)
from gan_lightning.losses.domains import Classification, DomainClassifier
from gan_lightning.losses.f_gan import (
    FGAN,
    FDivergence,
    GANDivergence,
    JensenShannon,
    KullbackLeibler,
    PearsonChiSquared,
    ReverseKullbackLeibler,
    SquaredHellinger,
)
from gan_lightning.losses.games import LabelFlips, TopK
from gan_lightning.losses.generator_penalties import ConditioningDivergence, ModeSeeking, PathLength
from gan_lightning.losses.matching_penalty import MatchingAware
from gan_lightning.losses.pairs import Interpolated, Mismatched, Pairs
from gan_lightning.losses.parameters import HistoricalAveraging, OrthogonalRegularisation, WeightClipping
from gan_lightning.losses.penalties import DRAGAN, R1, R2, GradientPenalty
from gan_lightning.losses.reconstruction import L1, L2, Bernoulli, Gaussian
from gan_lightning.losses.relativistic import RelativisticAverage, RelativisticPairing
from gan_lightning.losses.score_penalties import Consistency, Drift, LeCam

__all__ = [
    "DRAGAN",
    "FGAN",
    "L1",
    "L2",
    "R1",
    "R2",
    "AdversarialLoss",
    "Auxiliary",
    "AuxiliaryClassifier",
    "Bernoulli",
    "BoundaryEquilibrium",
    "Classification",
    "ConditionalCritic",
    "ConditioningDivergence",
    "Consistency",
    "Constraint",
    "Critic",
    "DomainClassifier",
    "Drift",
    "EnergyBased",
    "FDivergence",
    "FeatureMatching",
    "GANDivergence",
    "Gaussian",
    "GeneratorPenalty",
    "GradientPenalty",
    "Hinge",
    "HistoricalAveraging",
    "Information",
    "Interpolated",
    "JensenShannon",
    "KullbackLeibler",
    "LabelFlips",
    "LeCam",
    "LeastSquares",
    "MatchingAware",
    "Minimax",
    "Mismatched",
    "ModeSeeking",
    "NonSaturating",
    "OrthogonalRegularisation",
    "Pairs",
    "PathLength",
    "PearsonChiSquared",
    "Penalty",
    "Reconstruction",
    "Regulariser",
    "RelativisticAverage",
    "RelativisticPairing",
    "ReverseKullbackLeibler",
    "SquaredHellinger",
    "TopK",
    "VGG19Distance",
    "Wasserstein",
    "WeightClipping",
    "WrappedLoss",
]
