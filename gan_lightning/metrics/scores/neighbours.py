"""Distances between many rows, in parts that fit into memory."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

PART = 2**24
"""Distances that are held at once."""


def in_parts(one: Tensor, other: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Euclidean distances of rows (N, D) to rows (M, D): parts (B, M), and which of the N rows each is of.

    Rows are float64: distances of almost equal rows are differences of large numbers.

    >>> [(rows, part.tolist()) for rows, part in in_parts(torch.tensor([[0.0], [3.0]]), torch.tensor([[1.0]]))]
    [(slice(0, 2, None), [[1.0], [2.0]])]
    """
    count = max(1, PART // max(1, len(other)))
    squares = other.square().sum(1)
    for start in range(0, len(one), count):
        part = one[start : start + count]
        squared = torch.addmm(squares.expand(len(part), -1), part, other.T, alpha=-2) + part.square().sum(1)[:, None]
        yield slice(start, start + len(part)), squared.clamp_(min=0).sqrt_()


def radii(rows: Tensor, neighbours: list[int]) -> list[Tensor]:
    """The distance of each row (N, D) to its k-th nearest other row, (N,), for each k in `neighbours` below N.

    >>> line = torch.tensor([[0.0], [1.0], [3.0]], dtype=torch.float64)
    >>> [found.tolist() for found in radii(line, [1, 2])]
    [[1.0, 1.0, 2.0], [3.0, 2.0, 3.0]]
    """
    found = rows.new_zeros(len(neighbours), len(rows))
    for of, distance in in_parts(rows, rows):
        itself = torch.arange(len(rows), device=rows.device)[of]
        distance[torch.arange(len(distance), device=rows.device), itself] = torch.inf
        nearest = distance.topk(max(neighbours), dim=1, largest=False).values
        for kept, k in zip(found, neighbours, strict=True):
            kept[of] = nearest[:, k - 1]
    return list(found)


class Nearest(NamedTuple):
    """For each of N rows its nearest among other rows: the distance (N,), and its position (N,)."""

    distance: Tensor
    position: Tensor


def nearest(one: Tensor, other: Tensor) -> Nearest:
    """The nearest of rows (M, D) to each row (N, D).

    >>> nearest(torch.tensor([[0.0], [5.0]]), torch.tensor([[4.0], [1.0]]))
    Nearest(distance=tensor([1., 1.]), position=tensor([1, 0]))
    """
    found = [distance.min(1) for _, distance in in_parts(one, other)]
    return Nearest(torch.cat([part.values for part in found]), torch.cat([part.indices for part in found]))


def nearest_other(positions: Tensor, rows: Tensor) -> Tensor:
    """The distance (K,) of the rows at these positions (K,) to the nearest other of rows (N, D).

    >>> nearest_other(torch.tensor([2, 0]), torch.tensor([[0.0], [1.0], [3.0]]))
    tensor([2., 1.])
    """
    found = rows.new_empty(len(positions))
    for of, distance in in_parts(rows[positions], rows):
        distance[torch.arange(len(distance), device=rows.device), positions[of]] = torch.inf
        found[of] = distance.amin(1)
    return found
