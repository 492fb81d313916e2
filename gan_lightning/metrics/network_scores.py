"""FID and IS from one shared pass of one extractor."""

from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.data import Images
from gan_lightning.metrics.contracts import Extractor
from gan_lightning.metrics.frechet import Frechet
from gan_lightning.metrics.gathered import Rows
from gan_lightning.metrics.inception_score import inception_score


@final
class NetworkScores:
    """Frechet distance (arXiv:1706.08500) and Inception score (arXiv:1606.03498) under the extractor's name.

    Args:
        extractor: prepared.
        real: the real side.
        is_splits: parts whose Inception scores are averaged.
        cache_dir: folder of the real side's statistics.
        num_workers: processes that read the real images.
    """

    def __init__(self, extractor: Extractor, real: Images, is_splits: int, cache_dir: Path, num_workers: int) -> None:
        self.extractor, self.is_splits = extractor, is_splits
        self.fid = Frechet(extractor, real, cache_dir, num_workers)
        self.logits = Rows(extractor.num_logits, torch.float64)

    def protocol(self) -> dict[str, Any]:
        """Everything that has to be said with the numbers."""
        return {
            "extractor": self.extractor.name,
            "weights_sha256": self.extractor.weights_hash(),
            "resize": self.extractor.resize,
            "classes": self.extractor.classes,
            "is_splits": self.is_splits,
        }

    def reset(self, device: torch.device) -> None:
        """Forget all samples."""
        self.extractor.to(device)
        # Metal has no float64, which the sums need.
        device = torch.device("cpu") if device.type == "mps" else device
        self.fid.reset(device)
        self.logits.to(device).reset()

    @torch.no_grad()
    def update(self, number: Tensor, image: Tensor) -> None:
        """Count samples (B, C, H, W) uint8 by their numbers (B,)."""
        found = self.extractor(image)
        self.fid.update(found.features)
        self.logits.update(number, found.logits)

    def compute(self) -> dict[str, float]:
        """Both, over the samples of all processes."""
        name = self.extractor.name
        score = inception_score(self.logits.compute(), self.is_splits)
        return {f"fid_{name}": self.fid.compute(), f"is_{name}": score}
