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
from gan_lightning.losses.penalties import DRAGAN, R1, R2, GradientPenalty
from gan_lightning.losses.reconstruction import L1, L2
from gan_lightning.losses.score_penalties import Consistency, LeCam

__all__ = [
    "DRAGAN",
    "L1",
    "L2",
    "R1",
    "R2",
    "AdversarialLoss",
    "Auxiliary",
    "AuxiliaryClassifier",
    "Consistency",
    "Constraint",
    "Critic",
    "GradientPenalty",
    "Hinge",
    "LeCam",
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
