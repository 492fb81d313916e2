"""How single samples are drawn: the contract, and the plain way. Those of `by_discriminator` are others."""

from abc import ABC, abstractmethod
from typing import final

from torch import Tensor

from gan_lightning.sampling.task import Task


class Sampler(ABC):
    """Draws samples by their numbers, so that a sample depends on no other."""

    @abstractmethod
    def begin(self, task: Task) -> None:
        """Get everything ready that does not depend on single samples.

        Raises:
            SettingError: this way does not work with the model, the data or a setting.
        """

    @abstractmethod
    def draw(self, number: Tensor) -> Tensor:
        """The samples (B, C, H, W) in [-1, 1] with these numbers (B,)."""

    @abstractmethod
    def report(self) -> str:
        """A sentence on what was drawn so far, or nothing."""


@final
class Plain(Sampler):
    """What the generator makes of noise from its prior."""

    def begin(self, task: Task) -> None:
        self.task = task

    def draw(self, number: Tensor) -> Tensor:
        task = self.task
        return task.ensemble.draw(number, task.conditions(number), task.seed, task.truncation)

    def report(self) -> str:
        return ""
