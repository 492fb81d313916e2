"""FID and IS of generated images, through torchmetrics, from one shared pass of one extractor."""

import logging
import warnings
from pathlib import Path
from typing import Any, final

import torch
from rich.progress import track
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.inception import InceptionScore

from gan_lightning.cache import cached
from gan_lightning.data import ImageData
from gan_lightning.errors import SettingError
from gan_lightning.metrics.contracts import Extraction, Extractor, NoLabelsError, quantise

log = logging.getLogger(__name__)


class _Given(nn.Module):
    """Stands where torchmetrics expects a network: the features were computed before."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, features: Tensor) -> Tensor:
        return features


@final
class GenerationScores:
    """Frechet distance (arXiv:1706.08500) and Inception score (arXiv:1606.03498) under the extractor's name.

    The real side is computed once per data, split, resolution and extractor, and cached. Generated images
    are rounded to 8 bits as a picture file would hold them. States are sums and lists that torchmetrics
    gathers over processes, so every process computes the same value from everybody's images.

    Args:
        extractor: the network, or None for no scores.
        cache_dir: folder of the real side's statistics.
        split: whose images are the real side.
        is_splits: parts whose Inception scores are averaged.
        num_fake: generated images per validation, over all processes.
        monitor: the score that chooses the best checkpoint, or None.
        mode: `min` or `max`, which value of `monitor` is best.
    """

    def __init__(
        self,
        extractor: Extractor | None,
        cache_dir: str,
        split: str,
        is_splits: int,
        num_fake: int,
        monitor: str | None,
        mode: str,
    ) -> None:
        self.extractor = extractor
        self.cache_dir = Path(cache_dir).expanduser()
        self.split, self.is_splits, self.num_fake = split, is_splits, num_fake
        self.protocol: dict[str, Any] = {}
        self.names: list[str] = []
        if extractor is not None:
            best = {f"fid_{extractor.name}": "min", f"is_{extractor.name}": "max"}
            self.names = list(best)
            if monitor not in best or mode != best[monitor]:
                allowed = " or ".join(f"metrics.monitor={name} metrics.mode={mode}" for name, mode in best.items())
                raise SettingError(f"metrics.monitor={monitor} metrics.mode={mode}: allowed are {allowed}")

    def prepare(self, data: ImageData) -> bool:
        """Get the extractor and the real side ready; False if there will be no scores (the log says why).

        Raises:
            SettingError: too few images for the extractor's features, or no weights.
        """
        if self.extractor is None:
            return False
        try:
            self.extractor.prepare(data)
        except NoLabelsError:
            log.warning(
                "no FID and IS: metrics=classifier is fitted on labels and this data set has none; "
                "metrics=inception needs no labels, and a folder with one subfolder per class has them"
            )
            return False
        if not 1 <= self.is_splits <= self.num_fake:
            raise SettingError(f"metrics.is_splits={self.is_splits}: allowed are 1 to metrics.num_fake={self.num_fake}")
        name, num_features = self.extractor.name, self.extractor.num_features
        images = data.images(self.split)
        for setting, count in ((f"metrics.num_fake={self.num_fake}", self.num_fake), ("the data", len(images))):
            if count <= num_features:
                raise SettingError(
                    f"{setting}: {count} images cannot span the {num_features} features of metrics={name}; "
                    f"take at least {num_features + 1} images, or metrics=classifier with its 64 features"
                )
        weights = self.extractor.weights_hash()
        key = {"data": images.fingerprint, "split": self.split, "resolution": data.resolution, "weights": weights}
        self.real = cached(self.cache_dir, f"real-{name}", key, lambda: self._real_statistics(data))
        self.fid = FrechetInceptionDistance(_Given(num_features), reset_real_features=False).set_dtype(torch.float64)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Metric `InceptionScore` will save all extracted features")
            self.inception_score = InceptionScore(_Given(num_features), self.is_splits)
        self.protocol = {
            "extractor": name,
            "weights_sha256": weights,
            "num_real": len(images),
            "num_fake": self.num_fake,
            "split": self.split,
            "resolution": data.resolution,
            "resize": self.extractor.resize,
            "classes": self.extractor.classes,
            "is_splits": self.is_splits,
        }
        return True

    @property
    def _network(self) -> Extractor:
        assert self.extractor is not None
        return self.extractor

    def reset(self, device: torch.device) -> None:
        """Forget all generated images."""
        self._network.to(device)
        # Metal has no float64, which the sums need.
        device = torch.device("cpu") if device.type == "mps" else device
        self.fid.to(device).reset()
        self.inception_score.to(device).reset()
        # States are summed over processes, so only one of them brings the real side.
        first = not torch.distributed.is_initialized() or torch.distributed.get_rank() == 0
        real = self.real if first else {name: torch.zeros_like(value) for name, value in self.real.items()}
        self.fid.real_features_sum = real["sum"].to(device)
        self.fid.real_features_cov_sum = real["outer"].to(device)
        self.fid.real_features_num_samples = real["count"].to(device)

    def update(self, image: Tensor) -> None:
        """Count generated images (B, C, H, W) in [-1, 1]."""
        found = self._extract(quantise(image))
        self.fid.update(found.features.to(self.fid.device).double(), real=False)
        self.inception_score.update(found.logits.to(self.fid.device).double())

    def compute(self) -> dict[str, float]:
        """The scores by name, over the images of all processes."""
        name = self._network.name
        fid = float(self.fid.compute())
        # torchmetrics shuffles before it splits; keyed, so that the score is a function of the images.
        with torch.random.fork_rng(), warnings.catch_warnings():
            torch.manual_seed(0)
            warnings.filterwarnings("ignore", "std\\(\\): degrees of freedom")  # the spread over one split
            mean, _ = self.inception_score.compute()
        return {f"fid_{name}": fid, f"is_{name}": float(mean)}

    def _real_statistics(self, data: ImageData) -> dict[str, Tensor]:
        width = self._network.num_features
        total = torch.zeros(width, dtype=torch.float64)
        outer = torch.zeros(width, width, dtype=torch.float64)
        batches = data.reference(self.split)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._network.to(device)
        for image, _ in track(batches, description="Real side of FID (once)", transient=True):
            features = self._extract(quantise(image.to(device))).features.cpu().double()
            total += features.sum(0)
            outer += features.T @ features
        return {"sum": total, "outer": outer, "count": torch.tensor(len(data.images(self.split)))}

    @torch.no_grad()
    def _extract(self, image: Tensor) -> Extraction:
        return self._network(image)
