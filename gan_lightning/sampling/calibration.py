"""From a discriminator's scores to log density ratios, by logistic regression on held-out data."""

from typing import NamedTuple, final

import torch
from torch import Tensor

_RIDGE = 1e-4
"""Keeps the slope finite where a threshold separates real from generated completely."""
_ROUNDS = 50


@final
class LogisticHead(NamedTuple):
    """log p(x) / q(x) = slope * score(x) + intercept, of real data p and generated data q (Platt scaling).

    The optimum of logistic regression on as many real as generated examples is this ratio, whatever loss the
    discriminator was trained with. So hinge, least-squares, Wasserstein and relativistic discriminators can be used too
    (Metropolis-Hastings GAN, arXiv:1811.11357, section 3.2).
    """

    slope: float
    intercept: float

    def __call__(self, score: Tensor) -> Tensor:
        """Scores (...) as log density ratios (...)."""
        return self.slope * score + self.intercept


def fit(real: Tensor, generated: Tensor) -> LogisticHead:
    """The head that fits scores of real (N,) and generated (M,) examples best; both sides count the same.

    Newton's method on standardised scores, in double precision.

    >>> real, generated = torch.tensor([0.0, 2.0, 4.0]), torch.tensor([-4.0, -2.0, 0.0])
    >>> head = fit(real, generated)
    >>> head.slope > 0 and abs(head.intercept) < 1e-6  # the two sides mirror each other
    True
    """
    scores = torch.cat([real, generated]).cpu().double()
    target = torch.cat([torch.ones(len(real)), torch.zeros(len(generated))]).double()
    weight = torch.where(target > 0, 0.5 / len(real), 0.5 / len(generated))
    mean, deviation = scores.mean(), scores.std(correction=0).clamp_min(1e-12)
    x = torch.stack([(scores - mean) / deviation, torch.ones_like(scores)], 1)
    ridge = torch.tensor([_RIDGE, 0.0], dtype=torch.float64)
    found = torch.zeros(2, dtype=torch.float64)
    for _ in range(_ROUNDS):
        p = (x @ found).sigmoid()
        slope = x.T @ (weight * (p - target)) + ridge * found
        curvature = (x.T * (weight * p * (1 - p))) @ x + torch.diag(ridge + 1e-12)
        step = torch.linalg.solve(curvature, slope)
        found = found - step
        if step.abs().max() < 1e-10:
            break
    a, b = found.tolist()
    return LogisticHead(a / float(deviation), b - a * float(mean / deviation))
