"""Mixtures of Gaussians in the plane, whose modes can be counted: what mode collapse is measured on.

Generators here end in tanh, so the literature's planes are shrunk into [-1, 1] x [-1, 1]. Everything is divided by one
number, so distances in standard deviations stay what they were.
"""

import math
from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.ranges import Columns, Count, Few, Positive, within


class Mixture(ABC):
    """Equally likely round Gaussians of one width.

    Args:
        centres: (K, 2), one per mode.
        std: standard deviation of every mode along each axis.

    Raises:
        SettingError: a width that is not positive, or a centre outside of the square that generators reach.
    """

    @abstractmethod
    def __init__(self, centres: Tensor, std: float) -> None:
        within("dataset.mixture.std", Positive, std)
        if centres.abs().max() >= 1:
            raise SettingError(
                f"dataset.mixture: a mode lies at {centres.abs().max():.3g} from an axis; generators end in tanh, so "
                "all must lie below 1"
            )
        self.centres = centres
        self.std = std

    def sample(self, n: int, seed: int) -> tuple[Tensor, Tensor]:
        """Points (n, 2) and the mode (n,) that each was drawn from; the same for the same `n` and `seed`."""
        random = torch.Generator().manual_seed(seed)
        mode = torch.randint(len(self.centres), (n,), generator=random)
        return self.centres[mode] + self.std * torch.randn(n, 2, generator=random), mode

    def log_density(self, points: Tensor) -> Tensor:
        """Natural logarithm of the density (...) at `points` (..., 2)."""
        exponents = -(self._distances(points) / self.std).square() / 2
        return exponents.logsumexp(-1) - math.log(len(self.centres) * 2 * math.pi * self.std**2)

    def nearest(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Euclidean distance (...) of `points` (..., 2) to the nearest centre, and that centre's mode (...)."""
        found = self._distances(points).min(-1)
        return found.values, found.indices

    def _distances(self, points: Tensor) -> Tensor:
        return torch.linalg.vector_norm(points[..., None, :] - self.centres.to(points), dim=-1)


@final
class Ring(Mixture):
    """Modes at equal distances on a circle around the origin, the first to the right, on counterclockwise.

    The literature's ring (arXiv:1611.02163) has eight modes, radius 2 and standard deviation 0.02; the defaults are
    that, divided by 2.5.

    Raises:
        SettingError: as `Mixture`, or fewer than one mode.
    """

    def __init__(self, modes: Few = 8, radius: Positive = 0.8, std: Positive = 0.008) -> None:
        within("dataset.mixture.modes", Count, modes)
        angles = torch.arange(modes) * (2 * math.pi / modes)
        super().__init__(radius * torch.stack([angles.cos(), angles.sin()], 1), std)


@final
class Grid(Mixture):
    """Modes on a square lattice around the origin, row by row from below, each row from the left.

    The literature's grid (arXiv:1705.07761, arXiv:1712.04086) has 25 modes at -4, -2, 0, 2, 4 and standard deviation
    0.05; the defaults are that, divided by 5.

    Args:
        side: modes of a row, and rows.
        spacing: from one to the next.
        std: as for `Mixture`.

    Raises:
        SettingError: as `Mixture`, or fewer than one mode.
    """

    def __init__(self, side: Columns = 5, spacing: Positive = 0.4, std: Positive = 0.01) -> None:
        within("dataset.mixture.side", Count, side)
        along = spacing * (torch.arange(side) - (side - 1) / 2)
        super().__init__(torch.cartesian_prod(along, along).flip(1), std)
