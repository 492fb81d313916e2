"""All scores of images against one real side, from one pass over the images."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.data import Draw, Images, loader
from gan_lightning.metrics.contracts import Extractor, quantise
from gan_lightning.metrics.network_scores import NetworkScores
from gan_lightning.metrics.scores.sliced_wasserstein import SlicedWasserstein

BATCH = 256


@final
class ImageScores:
    """FID and IS of an extractor, if there is one, and `swd`.

    Args:
        extractor: prepared; None for `swd` alone.
        real: the real side.
        num_fake: images that will be scored, over all processes.
        is_splits: parts whose Inception scores are averaged; None for no Inception score.
        cache_dir: folder of what is remembered about the real side.
        num_workers: processes that read real images.
        alone: whether this process scores its images without asking others for theirs.
    """

    def __init__(
        self,
        extractor: Extractor | None,
        real: Images,
        num_fake: int,
        is_splits: int | None,
        cache_dir: Path,
        num_workers: int,
        alone: bool = False,
    ) -> None:
        self.num_workers = num_workers
        self.network = None
        if extractor is not None:
            self.network = NetworkScores(extractor, real, is_splits, cache_dir, num_workers, alone)
        self.swd = SlicedWasserstein(real, num_fake, cache_dir, num_workers, alone)

    def names(self) -> list[str]:
        """Of the scores."""
        return [*([] if self.network is None else self.network.names()), "swd"]

    def protocol(self) -> dict[str, Any]:
        """Everything that has to be said with the numbers."""
        return {**({} if self.network is None else self.network.protocol()), "swd": self.swd.protocol()}

    def reset(self, device: torch.device) -> None:
        """Forget all images."""
        self.swd.reset(device)
        if self.network is not None:
            self.network.reset(device)

    def update(self, number: Tensor, image: Tensor) -> None:
        """Count images (B, C, H, W) uint8 by their numbers (B,)."""
        self.swd.update(number, image)
        if self.network is not None:
            self.network.update(number, image)

    def compute(self) -> dict[str, float]:
        """The scores by name, over the images of all processes, or of this one if it is `alone`."""
        values = {} if self.network is None else self.network.compute()
        return {**values, "swd": self.swd.compute()}

    def of(self, images: Images, change: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """The scores of a data set's images (B, C, H, W) uint8 after some change, in this process."""
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.reset(device)
        numbers = torch.arange(len(images)).split(BATCH)
        draws = [Draw(part.tolist(), 0) for part in numbers]
        for number, (image, _) in zip(numbers, loader(images, draws, self.num_workers), strict=True):
            self.update(number, change(quantise(image)).to(device))
        return self.compute()
