"""Pairs of image and condition beyond those of a batch, from which the players of a conditional GAN learn."""

from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor

from gan_lightning.ranges import Probability, within


class Pairs(ABC):
    """Further pairs of image and condition, for the discriminator, for the generator, or for both."""

    @abstractmethod
    def wrong(self, real: Tensor, condition: Tensor) -> tuple[Tensor, Tensor] | None:
        """Real images with conditions that they do not fulfil, which the discriminator should take for generated ones;
        None if there are none.

        Args:
            real: images (B, C, H, W).
            condition: of each (B, ...).
        """

    @abstractmethod
    def wanted(self, condition: Tensor) -> Tensor | None:
        """Conditions (N, ...) under which the generator makes images too, which are judged under the same conditions;
        None if there are none. Only the generator learns from them: there are no real images to compare with.

        Args:
            condition: of the batch (B, ...).
        """


def neighbours(condition: Tensor) -> Tensor:
    """Conditions (B, ...) of the neighbours in a batch: first and second change places, third and fourth, and so on.
    So two processes with half of an even batch each do what one process does with the whole batch. The last image of an
    odd batch gets the condition of the first.

    >>> neighbours(torch.tensor([5, 6, 7]))
    tensor([6, 5, 5])
    """
    place = torch.arange(len(condition), device=condition.device) ^ 1
    return condition[torch.where(place < len(condition), place, 0)]


@final
class Mismatched(Pairs):
    """Each real image with the condition of its neighbour (GAN-CLS, Reed et al. 2016, arXiv:1605.05396, algorithm 1).

    Batches are shuffled, so this is any other image's condition. Now and then it is the same one, the more often the
    fewer conditions there are; the authors do not take that into account either.

    >>> Mismatched().wrong(torch.zeros(4, 1, 1, 1), torch.tensor([5, 6, 7, 8]))[1]
    tensor([6, 5, 8, 7])
    """

    def wrong(self, real: Tensor, condition: Tensor) -> tuple[Tensor, Tensor] | None:
        return real, neighbours(condition)

    def wanted(self, condition: Tensor) -> Tensor | None:
        return None


@final
class Interpolated(Pairs):
    """Conditions between those of two images (GAN-INT, Reed et al. 2016, arXiv:1605.05396, eq. 5):
    share t_1 + (1 - share) t_2, where t_2 is that of the neighbour. They have to be vectors, as of sentences.

    As in the equation, they count as much as the conditions of the batch; in the authors' code, half as much.

    Args:
        share: of the first of the two (the paper: 0.5).

    >>> Interpolated(0.75).wanted(torch.tensor([[0.0], [4.0]]))
    tensor([[1.],
            [3.]])
    """

    def __init__(self, share: Probability = 0.5) -> None:
        self.share = within("pairs.interpolated.share", Probability, share)

    def wrong(self, real: Tensor, condition: Tensor) -> tuple[Tensor, Tensor] | None:
        return None

    def wanted(self, condition: Tensor) -> Tensor | None:
        return self.share * condition + (1 - self.share) * neighbours(condition)
