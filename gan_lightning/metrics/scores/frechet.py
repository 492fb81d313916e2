"""The Frechet distance of samples to a fixed set of real images."""

from pathlib import Path
from typing import final

import torch
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance

from gan_lightning import distributed
from gan_lightning.cache import cached
from gan_lightning.data import Draw, Images, loader
from gan_lightning.data.progress import progress
from gan_lightning.metrics.contracts import Extractor, quantise

BATCH = 256


class Given(nn.Module):
    """Stands where torchmetrics expects a network: the features were computed before."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, features: Tensor) -> Tensor:
        return features


@final
class Frechet:
    """FID (arXiv:1706.08500) against `real`, whose statistics are computed once and cached.

    States are sums that torchmetrics adds up over processes, so every process computes the same value from
    everybody's samples.

    Args:
        extractor: prepared.
        real: the real side, at least two images.
        cache_dir: folder of the real side's statistics.
        num_workers: processes that read the real images.
        alone: whether this process scores its samples without asking others for theirs.
    """

    def __init__(
        self, extractor: Extractor, real: Images, cache_dir: Path, num_workers: int, alone: bool = False
    ) -> None:
        self.extractor, self.alone = extractor, alone
        name, num_features = extractor.name, extractor.num_features
        key = {"data": real.fingerprint, "size": list(real.size), "weights": extractor.weights_hash()}
        self.real = cached(cache_dir, f"real-{name}", key, lambda: self._statistics(real, num_workers))
        self.metric = FrechetInceptionDistance(
            Given(num_features), reset_real_features=False, sync_on_compute=not alone
        ).set_dtype(torch.float64)

    def reset(self, device: torch.device) -> None:
        """Forget all samples. `device` has to know float64."""
        self.metric.to(device).reset()
        # torchmetrics computes nothing on a process that has never counted, and the others would wait for it.
        self.update(torch.zeros(0, self.extractor.num_features))
        # States are summed over processes, so only one of them brings the real side.
        brings = self.alone or distributed.is_first()
        real = self.real if brings else {name: torch.zeros_like(value) for name, value in self.real.items()}
        self.metric.real_features_sum = real["sum"].to(device)
        self.metric.real_features_cov_sum = real["outer"].to(device)
        self.metric.real_features_num_samples = real["count"].to(device)

    def update(self, features: Tensor) -> None:
        """Count the features (B, F) of samples."""
        self.metric.update(features.to(self.metric.device).double(), real=False)

    def compute(self) -> float:
        """The distance, over the samples of all processes."""
        return float(self.metric.compute())

    @torch.no_grad()
    def _statistics(self, real: Images, num_workers: int) -> dict[str, Tensor]:
        width = self.extractor.num_features
        total = torch.zeros(width, dtype=torch.float64)
        outer = torch.zeros(width, width, dtype=torch.float64)
        draws = [Draw(part.tolist(), 0) for part in torch.arange(len(real)).split(BATCH)]
        batches = loader(real, draws, num_workers)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self.extractor.to(device)
        for image, _ in progress(batches, "Features of real images for FID (once)"):
            features = self.extractor(quantise(image.to(device))).features.cpu().double()
            total += features.sum(0)
            outer += features.T @ features
        return {"sum": total, "outer": outer, "count": torch.tensor(len(real))}
