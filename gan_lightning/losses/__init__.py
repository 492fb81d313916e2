"""Objectives, penalties, constraints and auxiliary tasks: pure terms that a step adds up."""

from gan_lightning.losses.adversarial import Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from gan_lightning.losses.auxiliary import AuxiliaryClassifier
from gan_lightning.losses.contracts import (
    AdversarialLoss,
    Auxiliary,
    Constraint,
    Critic,
    Penalty,
    Reconstruction,
    Regulariser,
)
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
from gan_lightning.losses.parameters import OrthogonalRegularisation, WeightClipping
from gan_lightning.losses.penalties import R1, GradientPenalty
from gan_lightning.losses.reconstruction import L1, L2
from gan_lightning.losses.relativistic import RelativisticAverage, RelativisticPairing

__all__ = [
    "FGAN",
    "L1",
    "L2",
    "R1",
    "AdversarialLoss",
    "Auxiliary",
    "AuxiliaryClassifier",
    "Constraint",
    "Critic",
    "FDivergence",
    "GANDivergence",
    "GradientPenalty",
    "Hinge",
    "JensenShannon",
    "KullbackLeibler",
    "LeastSquares",
    "Minimax",
    "NonSaturating",
    "OrthogonalRegularisation",
    "PearsonChiSquared",
    "Penalty",
    "Reconstruction",
    "Regulariser",
    "RelativisticAverage",
    "RelativisticPairing",
    "ReverseKullbackLeibler",
    "SquaredHellinger",
    "Wasserstein",
    "WeightClipping",
]
