"""What a score of images declares and does, and what it is compared with."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, final

import torch
from torch import Tensor

from gan_lightning.cache import cached
from gan_lightning.data import Draw, Images, loader, spread
from gan_lightning.data.progress import progress
from gan_lightning.metrics.contracts import Extractor, quantise
from gan_lightning.metrics.gathered import Rows

BATCH = 256

Need = Literal["pixels", "features", "logits"]
"""Of images: (B, C, H, W) uint8; an extractor's features (B, F); its logits (B, K)."""


@final
@dataclass(frozen=True)
class RealSide:
    """The real images that samples are compared with, and what is remembered of them on disk.

    Attributes:
        images: the real images.
        extractor: prepared; None for scores of pixels.
        num_fake: samples that will be scored, over all processes.
        cache_dir: folder of what is remembered.
        num_workers: processes that read the images.
        alone: whether this process scores its samples without asking others for theirs.
    """

    images: Images
    extractor: Extractor | None
    num_fake: int
    cache_dir: Path
    num_workers: int
    alone: bool = False

    @property
    def network(self) -> Extractor:
        """The extractor of a score that needs one."""
        assert self.extractor is not None
        return self.extractor

    def width(self, need: Need) -> int:
        """How many numbers of an image a score with this need is given."""
        if need == "pixels":
            return self.images.channels * self.images.size[0] * self.images.size[1]
        return self.network.num_features if need == "features" else self.network.num_logits

    def moments(self) -> dict[str, Tensor]:
        """Of the features of all images: `sum` (F,), `outer`, the sum of outer products (F, F), and `count`."""
        made: dict[str, Tensor] = self._cached("", self.images, self._moments)
        return made

    def features(self, most: int) -> Tensor:
        """The features (N, F) of at most `most` images, drawn from all."""
        images = spread(self.images, most)
        made: Tensor = self._cached("-features", images, lambda: torch.cat(list(self._features(images))))
        return made

    def _cached(self, kind: str, images: Images, make: Any) -> Any:
        key = {"data": images.fingerprint, "size": list(images.size), "weights": self.network.weights_hash()}
        return cached(self.cache_dir, f"real-{self.network.name}{kind}", key, make)

    def _moments(self) -> dict[str, Tensor]:
        width = self.network.num_features
        total = torch.zeros(width, dtype=torch.float64)
        outer = torch.zeros(width, width, dtype=torch.float64)
        for features in self._features(self.images):
            total += features.sum(0)
            outer += features.T @ features
        return {"sum": total, "outer": outer, "count": torch.tensor(len(self.images))}

    @torch.no_grad()
    def _features(self, images: Images) -> Any:
        draws = [Draw(part.tolist(), 0) for part in torch.arange(len(images)).split(BATCH)]
        device = "cuda" if torch.cuda.is_available() else "cpu"
        network = self.network.to(device)
        batches = loader(images, draws, self.num_workers)
        for image, _ in progress(batches, "Features of real images for the scores (once)"):
            yield network(quantise(image.to(device))).features.cpu().double()


class Score(ABC):
    """One number about images. A configuration makes it with its settings; a copy is begun for each real side.

    Attributes:
        needs: what `update` is given of every image.
        higher_is_better: whether a higher value is better.
        detail: plain data behind the last value, by name.
    """

    needs: ClassVar[Need]
    higher_is_better: ClassVar[bool]
    detail: Mapping[str, Any] = MappingProxyType({})

    def fewest(self, extractor: Extractor) -> int:
        """How many images either side must have."""
        return 1

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


class GatheredScore(Score):
    """A score that looks at the rows of all samples at once: features, logits, or flattened pixels."""

    def begin(self, real: RealSide) -> None:
        self.rows = Rows(real.width(self.needs), torch.float64, real.alone)

    def reset(self, device: torch.device) -> None:
        self.rows.to(device).reset()

    def update(self, number: Tensor, values: Tensor) -> None:
        self.rows.update(number, values.flatten(1))

    @torch.no_grad()
    def compute(self) -> float:
        return self.value(self.rows.compute())

    @abstractmethod
    def value(self, rows: Tensor) -> float:
        """The score of samples (N, width) float64, in the order of their numbers, wherever they were made."""
