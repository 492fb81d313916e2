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
from gan_lightning.losses.parameters import OrthogonalRegularisation, WeightClipping
from gan_lightning.losses.penalties import R1, GradientPenalty
from gan_lightning.losses.reconstruction import L1, L2

__all__ = [
    "L1",
    "L2",
    "R1",
    "AdversarialLoss",
    "Auxiliary",
    "AuxiliaryClassifier",
    "Constraint",
    "Critic",
    "GradientPenalty",
    "Hinge",
    "LeastSquares",
    "Minimax",
    "NonSaturating",
    "OrthogonalRegularisation",
    "Penalty",
    "Reconstruction",
    "Regulariser",
    "Wasserstein",
    "WeightClipping",
]
