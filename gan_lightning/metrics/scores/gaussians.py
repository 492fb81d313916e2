"""Gaussians with the moments of features, and the Frechet distance between two of them."""

from collections.abc import Mapping
from functools import cached_property
from typing import final

import torch
from torch import Tensor


@final
class Gaussian:
    """A Gaussian over features.

    Args:
        mean: (F,), float64.
        covariance: (F, F).
    """

    def __init__(self, mean: Tensor, covariance: Tensor) -> None:
        self.mean, self.covariance = mean, covariance

    @classmethod
    def of(cls, rows: Tensor) -> "Gaussian":
        """With the moments of rows (N, F)."""
        return cls(rows.mean(0), rows.T.cov().view(rows.shape[1], rows.shape[1]))

    @classmethod
    def from_sums(cls, sums: Mapping[str, Tensor]) -> "Gaussian":
        """From `sum` (F,), `outer`, the sum of outer products (F, F), and `count`."""
        mean = sums["sum"] / sums["count"]
        return cls(mean, (sums["outer"] - sums["count"] * mean.outer(mean)) / (sums["count"] - 1))

    @cached_property
    def root(self) -> Tensor:
        """The symmetric square root of the covariance."""
        values, vectors = torch.linalg.eigh(self.covariance)
        return (vectors * values.clamp(min=0).sqrt()) @ vectors.T

    def to(self, rows: Tensor) -> "Gaussian":
        """Where `rows` are, in their precision."""
        return Gaussian(self.mean.to(rows), self.covariance.to(rows))


def frechet(one: Gaussian, other: Gaussian) -> float:
    """The squared Frechet distance |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)). The root of `one` is kept for other calls.

    >>> narrow, wide = (Gaussian(torch.zeros(3).double(), s**2 * torch.eye(3).double()) for s in (1, 3))
    >>> round(frechet(narrow, wide), 6)  # three dimensions of (3 - 1)^2
    12.0
    """
    inner = one.root @ other.covariance @ one.root
    cross = torch.linalg.eigvalsh((inner + inner.T) / 2).clamp(min=0).sqrt().sum()
    apart = (one.mean - other.mean).square().sum()
    return float(apart + one.covariance.trace() + other.covariance.trace() - 2 * cross)
