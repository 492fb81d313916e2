"""FID and IS of generated images, through torchmetrics, from one shared pass of one extractor."""

import logging
import warnings
from typing import final

import torch
from torchmetrics.image.inception import InceptionScore
from torchmetrics.utilities import dim_zero_cat

from gan_lightning.batch import Generated, Labelled
from gan_lightning.data import ImageData, PointData
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.metrics.contracts import Extractor, NoLabelsError, Scores, quantise
from gan_lightning.metrics.frechet import Frechet, Given

log = logging.getLogger(__name__)


@final
class GenerationScores(Scores):
    """Frechet distance (arXiv:1706.08500) and Inception score (arXiv:1606.03498) under the extractor's name.

    The real side is computed once per data, split, resolution and extractor, and cached. Generated images
    are rounded to 8 bits as a picture file would hold them. States are sums and lists that torchmetrics
    gathers over processes, so every process computes the same value from everybody's images.

    Args:
        extractor: the network.
        cache_dir: folder of the real side's statistics.
        split: whose images are the real side.
        is_splits: parts whose Inception scores are averaged.
        num_fake: generated images per validation, over all processes.
        monitor: the score that chooses the best checkpoint.
    """

    serves = (Labelled,)

    def __init__(
        self,
        extractor: Extractor,
        cache_dir: str,
        split: str,
        is_splits: int,
        num_fake: int,
        monitor: str,
    ) -> None:
        self.extractor = extractor
        self.cache_dir = expanded(cache_dir)
        self.split, self.is_splits, self.num_fake = split, is_splits, num_fake
        best = {f"fid_{extractor.name}": "min", f"is_{extractor.name}": "max"}
        if monitor not in best:
            raise SettingError(f"metrics.monitor={monitor}: allowed are {' and '.join(best)}")
        self.names, self.monitor, self.mode = list(best), monitor, best[monitor]

    def prepare(self, data: ImageData | PointData) -> bool:
        if isinstance(data, PointData):
            raise SettingError(
                f"metrics={self.extractor.name}: looks at images, and this data set holds points of a toy mixture; "
                "choose metrics=modes or metrics=none"
            )
        try:
            self.extractor.prepare(data.images("train"))
        except NoLabelsError:
            log.warning(
                "no FID and IS: metrics=classifier is fitted on labels and this data set has none; "
                "metrics=inception needs no labels, and a folder with one subfolder per class has them"
            )
            self.names, self.monitor, self.protocol = [], None, {}
            return False
        if not 1 <= self.is_splits <= self.num_fake:
            raise SettingError(f"metrics.is_splits={self.is_splits}: allowed are 1 to metrics.num_fake={self.num_fake}")
        real = data.images(self.split)
        num_features = self.extractor.num_features
        for what, count in ((f"metrics.num_fake={self.num_fake}", self.num_fake), ("the data", len(real))):
            if count <= num_features:
                raise SettingError(
                    f"{what}: {count} images cannot span the {num_features} features of metrics={self.extractor.name}; "
                    f"take at least {num_features + 1} images, or metrics=classifier with its 64 features"
                )
        self.fid = Frechet(self.extractor, real, self.cache_dir, data.num_workers)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Metric `InceptionScore` will save all extracted features")
            # Gathered below, because the order decides which images share a split.
            self.inception_score = InceptionScore(
                Given(self.extractor.num_features), self.is_splits, sync_on_compute=False
            )
        self.protocol = {
            "extractor": self.extractor.name,
            "weights_sha256": self.extractor.weights_hash(),
            "num_real": len(real),
            "num_fake": self.num_fake,
            "split": self.split,
            "resolution": data.resolution,
            "resize": self.extractor.resize,
            "classes": self.extractor.classes,
            "is_splits": self.is_splits,
        }
        return True

    def reset(self, device: torch.device) -> None:
        self.extractor.to(device)
        # Metal has no float64, which the sums need.
        device = torch.device("cpu") if device.type == "mps" else device
        self.fid.reset(device)
        self.inception_score.to(device).reset()

    @torch.no_grad()
    def update(self, samples: Generated) -> None:
        found = self.extractor(quantise(samples.image))
        self.fid.update(found.features)
        numbered = torch.cat([samples.number[:, None].to(found.logits), found.logits], 1)
        self.inception_score.update(numbered.to(self.inception_score.device).double())

    def compute(self) -> dict[str, float]:
        self.inception_score.sync()
        rows = dim_zero_cat(self.inception_score.features)
        self.inception_score.features = [rows[rows[:, 0].argsort(), 1:]]
        # torchmetrics shuffles before it splits; keyed, so that the score is a function of the images.
        with torch.random.fork_rng(), warnings.catch_warnings():
            torch.manual_seed(0)
            warnings.filterwarnings("ignore", "std\\(\\): degrees of freedom")  # the spread over one split
            mean, _ = self.inception_score.compute()
        name = self.extractor.name
        return {f"fid_{name}": self.fid.compute(), f"is_{name}": float(mean)}
