"""Scores of images from noise: FID and IS from an extractor, and `swd` from the pixels."""

import logging
from typing import final

import torch

from gan_lightning.batch import Generated, Labelled
from gan_lightning.data import ImageData, Images, PointData
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.metrics.contracts import Extractor, NoLabelsError, Scores, quantise
from gan_lightning.metrics.network_scores import NetworkScores
from gan_lightning.metrics.sliced_wasserstein import SlicedWasserstein
from gan_lightning.ranges import Count, Many, PathText

log = logging.getLogger(__name__)


@final
class GenerationScores(Scores):
    """`fid_NAME` and `is_NAME` of an extractor (see `NetworkScores`), and `swd` (see `SlicedWasserstein`).

    An extractor that is fitted on labels brings no scores where the data have none; `swd` is always there. The real
    side is computed once and cached. Generated images are rounded to 8 bits as a picture file would hold them. Every
    process computes the same values from the images of all.

    Args:
        extractor: the network behind FID and IS; None for `swd` alone.
        cache_dir: folder of what is remembered about the real side.
        split: whose images are the real side.
        is_splits: parts whose Inception scores are averaged; their sizes differ by one image at most.
        num_fake: generated images per validation, over all processes.
        monitor: the score that chooses the best checkpoint; None takes FID, or `swd` where there is no FID.

    Raises:
        SettingError: there is no such score to monitor.
    """

    serves = (Labelled,)

    def __init__(
        self,
        extractor: Extractor | None,
        cache_dir: PathText,
        split: str,
        is_splits: Count,
        num_fake: Many,
        monitor: str | None,
    ) -> None:
        self.extractor = extractor
        self.cache_dir = expanded(cache_dir)
        self.split, self.is_splits, self.num_fake = split, is_splits, num_fake
        self.wanted = monitor
        self._name_scores(extractor)

    def _name_scores(self, extractor: Extractor | None) -> None:
        best = {} if extractor is None else {f"fid_{extractor.name}": "min", f"is_{extractor.name}": "max"}
        best["swd"] = "min"
        if self.wanted is not None and self.wanted not in best:
            raise SettingError(f"metrics.monitor={self.wanted}: allowed are {', '.join(best)}, or null")
        self.names = list(best)
        self.monitor = self.wanted or self.names[0]
        self.mode = best[self.monitor]

    def prepare(self, data: ImageData | PointData) -> bool:
        if isinstance(data, PointData):
            name = "swd" if self.extractor is None else self.extractor.name
            raise SettingError(
                f"metrics={name}: looks at images, and this data set holds points of a toy mixture; "
                "choose metrics=modes or metrics=none"
            )
        real = data.images(self.split)
        self.protocol = {
            "num_real": len(real),
            "num_fake": self.num_fake,
            "split": self.split,
            "resolution": data.resolution,
        }
        self.network = None if self.extractor is None else self._network(self.extractor, data, real)
        self._name_scores(None if self.network is None else self.extractor)
        if self.network is not None:
            self.protocol |= self.network.protocol()
        self.swd = SlicedWasserstein(real, self.num_fake, self.cache_dir, data.num_workers)
        self.protocol["swd"] = self.swd.protocol()
        return True

    def _network(self, extractor: Extractor, data: ImageData, real: Images) -> NetworkScores | None:
        """The scores of the extractor, or None if it has nothing to be fitted on."""
        try:
            extractor.prepare(data.images("train"))
        except NoLabelsError:
            log.info(
                "The data have no labels to fit a classifier on: `swd` scores them, the sliced Wasserstein distance of "
                "Laplacian patches (lower is better)"
            )
            return None
        if not 1 <= self.is_splits <= self.num_fake:
            raise SettingError(f"metrics.is_splits={self.is_splits}: allowed are 1 to metrics.num_fake={self.num_fake}")
        for what, count in ((f"metrics.num_fake={self.num_fake}", self.num_fake), ("the data", len(real))):
            if count <= extractor.num_features:
                raise SettingError(
                    f"{what}: {count} images cannot span the {extractor.num_features} features of "
                    f"metrics={extractor.name}; take at least {extractor.num_features + 1} images, or metrics=swd, "
                    "which needs no network"
                )
        return NetworkScores(extractor, real, self.is_splits, self.cache_dir, data.num_workers)

    def reset(self, device: torch.device) -> None:
        self.swd.reset(device)
        if self.network is not None:
            self.network.reset(device)

    def update(self, samples: Generated) -> None:
        image = quantise(samples.image)
        self.swd.update(samples.number, image)
        if self.network is not None:
            self.network.update(samples.number, image)

    def compute(self) -> dict[str, float]:
        values = {} if self.network is None else self.network.compute()
        values["swd"] = self.swd.compute()
        self.detail = {"swd_by_level": dict(self.swd.by_level)}
        return values
