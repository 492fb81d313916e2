"""What scores are given: the real images, what samples are asked to show, and what several scores share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, final

import torch
from torch import Tensor

from gan_lightning.cache import cached
from gan_lightning.data import Asked, Draw, Images, loader, spread
from gan_lightning.data.progress import progress
from gan_lightning.metrics.contracts import Extractor, quantise
from gan_lightning.metrics.gathered import Rows

BATCH = 256

Need = Literal["pixels", "features", "logits"]
"""Of images: (B, C, H, W) uint8; an extractor's features (B, F); its logits (B, K)."""


@final
class Shared:
    """What the scores of one pass have in common: the rows of samples, and what is made of these rows once.

    Attributes:
        gathered: by need, the rows.
        most: by need, how many of the first samples are looked at by the score that looks at the most.
        together: by name, the settings of all scores that are computed together.
        features: of real images, by their fingerprint.
    """

    def __init__(self) -> None:
        self.together: dict[str, set[int]] = {}
        self.features: dict[str, Tensor] = {}
        self.gathered: dict[Need, Rows] = {}
        self.most: dict[Need, float] = {}
        self.last: dict[Need, Tensor] = {}
        self.made: dict[Need, dict[str, Any]] = {}

    def rows(self, need: Need, most: float) -> Tensor:
        """Those (N, width) of the first samples of all processes, at most so many; the same tensor to all who ask."""
        every = self.gathered[need].compute()
        if every is not self.last.get(need):
            self.last[need], self.made[need] = every, {}
        if len(every) <= most:
            return every
        first: Tensor = self.once(need, f"first {most}", lambda: every[: int(most)])
        return first

    def once(self, need: Need, name: str, make: Callable[[], Any]) -> Any:
        """What `make` returns, remembered by name until there are other rows."""
        if name not in self.made[need]:
            self.made[need][name] = make()
        return self.made[need][name]


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
        asked: classes (n,) that samples are asked to show: sample i the class `asked[i % n]`; None where there are no
            classes, or only one.
        captions: what captions ask samples to show: sample i what caption `i % n` says; None without captions.
        training: what a generator may have copied: the training images; None where nobody knows them.
        held: real images that no generator has seen; None if there are none.
        shared: of the scores that are begun with this object.
    """

    images: Images
    extractor: Extractor | None
    num_fake: int
    cache_dir: Path
    num_workers: int
    alone: bool = False
    asked: Tensor | None = None
    captions: Asked | None = None
    training: Images | None = None
    held: Images | None = None
    shared: Shared = field(default_factory=Shared)

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
        return self.features_of(spread(self.images, most))

    def features_of(self, images: Images) -> Tensor:
        """The features (N, F) of other images, float32."""
        if images.fingerprint not in self.shared.features:
            made = self._cached("-features", images, lambda: torch.cat(list(self._features(images))))
            self.shared.features[images.fingerprint] = made
        return self.shared.features[images.fingerprint]

    def _cached(self, kind: str, images: Images, make: Any) -> Any:
        network = {"weights": self.network.weights_hash(), "resize": self.network.resize}
        key = {"data": images.fingerprint, "size": list(images.size), **network}
        return cached(self.cache_dir, f"real-{self.network.name}{kind}", key, make)

    def _moments(self) -> dict[str, Tensor]:
        width = self.network.num_features
        total = torch.zeros(width, dtype=torch.float64)
        outer = torch.zeros(width, width, dtype=torch.float64)
        for part in self._features(self.images):
            features = part.double()
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
            yield network(quantise(image.to(device))).features.cpu()
