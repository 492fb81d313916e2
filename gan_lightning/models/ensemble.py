"""Several generators that take turns in making images."""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor

from gan_lightning.models.contracts import FromNoise


@final
class Ensemble:
    """Samples of several generators, in turn (Wang et al. 2016, arXiv:1612.00991).

    Runs with other seeds, or snapshots of one run, miss different parts of the data; together they miss less.

    Args:
        members: one or more, of the same image shape and classes.
    """

    def __init__(self, members: Sequence[FromNoise]) -> None:
        self.members = members

    def sample(self, n: int, condition: Tensor | None = None, seed: int = 0, truncation: float | None = None) -> Tensor:
        """Images (n, C, H, W) in [-1, 1]; the i-th is that of member i modulo their number.

        Args:
            n: how many.
            condition: classes (n,), or attributes (n, A); by default all in turn, each once from every member.
            seed, truncation: of the noise, as for one model.
        """
        number = torch.arange(n)
        return self.draw(number, self.conditions(number) if condition is None else condition, seed, truncation)

    def conditions(self, number: Tensor) -> Tensor:
        """What samples with these numbers (B,) show by default: all classes in turn, each once from every member."""
        return self.members[0].conditions(number // len(self.members))

    def draw(self, number: Tensor, condition: Tensor, seed: int, truncation: float | None = None) -> Tensor:
        """The images (B, C, H, W) of `sample` with these numbers (B,) and conditions (B, ...)."""
        turns = [(number % len(self.members) == i).nonzero().flatten() for i in range(len(self.members))]
        drawn = [
            member.draw(number[turn], condition[turn], seed, truncation)
            for member, turn in zip(self.members, turns, strict=True)
            if len(turn)
        ]
        return torch.cat(drawn)[torch.cat(turns).argsort()]

    def ignores_labels(self) -> bool:
        """Whether the images of some member stay the same when only the condition changes."""
        return any(member.ignores_labels() for member in self.members)
