"""Objectives, penalties, constraints and auxiliary tasks: pure terms that a step adds up."""

from gan_lightning.losses.adversarial import Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from gan_lightning.losses.auxiliary import AuxiliaryClassifier
from gan_lightning.losses.contracts import AdversarialLoss, Auxiliary, Constraint, Critic, Penalty, Regulariser
from gan_lightning.losses.parameters import OrthogonalRegularisation, WeightClipping
from gan_lightning.losses.penalties import R1, GradientPenalty

__all__ = [
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
    "Regulariser",
    "Wasserstein",
    "WeightClipping",
]
