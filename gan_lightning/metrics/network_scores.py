"""FID and IS from one shared pass of one extractor."""

from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.data import Images
from gan_lightning.metrics.contracts import Extractor
from gan_lightning.metrics.gathered import Rows
from gan_lightning.metrics.scores.frechet import Frechet
from gan_lightning.metrics.scores.inception_score import inception_score


@final
class NetworkScores:
    """Frechet distance (arXiv:1706.08500) and Inception score (arXiv:1606.03498) under the extractor's name.

    Args:
        extractor: prepared.
        real: the real side.
        is_splits: parts whose Inception scores are averaged; None for no Inception score.
        cache_dir: folder of the real side's statistics.
        num_workers: processes that read the real images.
        alone: whether this process scores its samples without asking others for theirs.
    """

    def __init__(
        self,
        extractor: Extractor,
        real: Images,
        is_splits: int | None,
        cache_dir: Path,
        num_workers: int,
        alone: bool = False,
    ) -> None:
        self.extractor, self.is_splits = extractor, is_splits
        self.fid = Frechet(extractor, real, cache_dir, num_workers, alone)
        self.logits = None if is_splits is None else Rows(extractor.num_logits, torch.float64, alone)

    def names(self) -> list[str]:
        """Of the scores."""
        name = self.extractor.name
        return [f"fid_{name}", *([] if self.is_splits is None else [f"is_{name}"])]

    def protocol(self) -> dict[str, Any]:
        """Everything that has to be said with the numbers."""
        facts = {
            "extractor": self.extractor.name,
            "weights_sha256": self.extractor.weights_hash(),
            "resize": self.extractor.resize,
        }
        splits = {} if self.is_splits is None else {"classes": self.extractor.classes, "is_splits": self.is_splits}
        return {**facts, **splits}

    def reset(self, device: torch.device) -> None:
        """Forget all samples."""
        self.extractor.to(device)
        # Metal has no float64, which the sums need.
        device = torch.device("cpu") if device.type == "mps" else device
        self.fid.reset(device)
        if self.logits is not None:
            self.logits.to(device).reset()

    @torch.no_grad()
    def update(self, number: Tensor, image: Tensor) -> None:
        """Count samples (B, C, H, W) uint8 by their numbers (B,)."""
        found = self.extractor(image)
        self.fid.update(found.features)
        if self.logits is not None:
            self.logits.update(number, found.logits)

    def compute(self) -> dict[str, float]:
        """The scores by name, over the samples of all processes, or of this one if it is `alone`."""
        values = [self.fid.compute()]
        if self.logits is not None and self.is_splits is not None:
            values.append(inception_score(self.logits.compute(), self.is_splits))
        return dict(zip(self.names(), values, strict=True))
