"""What a score of images declares and does."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from gan_lightning.metrics.contracts import Extractor
from gan_lightning.metrics.gathered import Rows
from gan_lightning.metrics.real_side import Need, RealSide

ENOUGH = 100
"""Images that a score should be of: a share of so many is uncertain by 0.05 at most, as a standard error."""
LEAST_LOOKED_AT = 2048
"""Samples that every score looks at, or as many as there are real images if these are fewer; some look at no others."""


class Score(ABC):
    """One number about images. A configuration makes it with its settings; a copy is begun for each real side.

    Attributes:
        needs: what `update` is given of every image.
        higher_is_better: whether a higher value is better.
        chooses: whether the value says which of two checkpoints is better. A number that only gives the alarm, of
            copies for instance, does not.
        compares_with_training: whether it looks at the training or the held-out images, whatever the real side is.
        detail: plain data behind the last value, by name.
    """

    needs: ClassVar[Need]
    higher_is_better: ClassVar[bool]
    chooses: ClassVar[bool] = True
    compares_with_training: ClassVar[bool] = False
    detail: Mapping[str, Any] = MappingProxyType({})

    def fewest(self, extractor: Extractor) -> int:
        """How many images either side must have."""
        return 1

    def count(self, real: RealSide) -> int:
        """How many images there are on the side that has the fewest."""
        return min(real.num_fake, len(real.images))

    def enough(self, real: RealSide) -> int:
        """How many there should be; with fewer, a warning says so."""
        return ENOUGH

    def lacks(self, real: RealSide) -> str | None:
        """What the score needs and these data do not have, in words that follow its name; None if nothing."""
        return None

    @abstractmethod
    def begin(self, real: RealSide) -> None:
        """Get everything ready that depends on the real images; called once."""

    @abstractmethod
    def reset(self, device: torch.device) -> None:
        """Forget all samples. With features and logits, `device` knows float64."""

    @abstractmethod
    def update(self, number: Tensor, values: Tensor) -> None:
        """Count samples by their numbers (B,); `values` is what the score needs of them. May never be called."""

    @abstractmethod
    def compute(self) -> float:
        """The value over the samples of all processes, the same on each; or of this one, if the real side says so."""

    def protocol(self) -> dict[str, Any]:
        """Everything that has to be said with the number, after `begin`."""
        return {}


class Sampler(Protocol):
    """What a score of a generator asks of it; models that make images from noise offer it."""

    @property
    def device(self) -> torch.device:
        """Where its weights are."""

    def conditions(self, number: Tensor) -> Tensor:
        """What the samples with these numbers (B,) show, (B, ...)."""

    def noise_at(self, number: Tensor, seed: int) -> Tensor:
        """Noise z (B, D) of the samples with these numbers."""

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        """Noise to w."""

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        """w to images (B, C, H, W) in [-1, 1]."""


class SamplerScore(Score):
    """A score of the generator itself, which makes samples of its own."""

    chooses = False

    def enough(self, real: RealSide) -> int:
        return 1  # it makes its own samples

    def update(self, number: Tensor, values: Tensor) -> None:
        """The samples of validation say nothing."""

    @abstractmethod
    def sample_from(self, sampler: Sampler) -> None:
        """Make this process's share of the samples and look at them; before `compute`."""


class GatheredScore(Score):
    """A score that looks at the rows of all samples at once: features, logits, or flattened pixels.

    Scores that are begun with the same real side share these rows. What several of them make of the rows is made once
    (`once`).

    Attributes:
        most: how many of the first samples it looks at.
    """

    most: float = math.inf

    def begin(self, real: RealSide) -> None:
        self.shared = real.shared
        self.collects = self.needs not in self.shared.gathered
        if self.collects:
            self.shared.gathered[self.needs] = Rows(real.width(self.needs), torch.float64, real.alone)
        self.shared.most[self.needs] = max(self.most, self.shared.most.get(self.needs, 0))

    def reset(self, device: torch.device) -> None:
        if self.collects:
            self.shared.gathered[self.needs].to(device).reset()

    def update(self, number: Tensor, values: Tensor) -> None:
        if self.collects:
            taken = number < self.shared.most[self.needs]
            self.shared.gathered[self.needs].update(number[taken], values[taken.to(values.device)].flatten(1))

    @torch.no_grad()
    def compute(self) -> float:
        return self.value(self.shared.rows(self.needs, self.most))

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` returns, remembered by name until there are other samples; for all scores with the same needs."""
        return self.shared.once(self.needs, name, make)

    @abstractmethod
    def value(self, rows: Tensor) -> float:
        """The score of samples (N, width) float64, in the order of their numbers, wherever they were made."""
