"""Scores of images from noise: FID and IS from an extractor, and `swd` from the pixels."""

import logging
from typing import final

import torch

from gan_lightning.batch import Generated
from gan_lightning.data import ImageData, Images, PointData
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.metrics.contracts import Extractor, NoLabelsError, Scores, quantise
from gan_lightning.metrics.image_scores import ImageScores
from gan_lightning.metrics.judgement import says_little
from gan_lightning.metrics.references import References, as_lines, held_out, references, train_and_test
from gan_lightning.ranges import Count, Many, PathText, within

log = logging.getLogger(__name__)


@final
class GenerationScores(Scores):
    """`fid_NAME` and `is_NAME` of an extractor (see `NetworkScores`), and `swd` (see `SlicedWasserstein`).

    An extractor that is fitted on labels brings no scores where there are none, or too few images; `swd` is always
    there. The real side is computed once and cached. Generated images are rounded to 8 bits as a picture file would
    hold them. Every process computes the same values from the images of all.

    Args:
        extractor: the network behind FID and IS; None for `swd` alone.
        cache_dir: folder of what is remembered about the real side.
        split: whose images are the real side.
        is_splits: parts whose Inception scores are averaged; their sizes differ by one image at most.
        num_fake: generated images per validation, over all processes.
        monitor: the score that chooses the best checkpoint. None takes FID, or `swd` where there is no FID or where
            FID would not tell real images from destroyed ones (see `references`).

    Raises:
        SettingError: there is no such score to monitor, or more splits than images.
    """

    serves = (Generated,)

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
        self.split = split
        self.num_fake = within("metrics.num_fake", Count, num_fake)
        self.is_splits = within("metrics.is_splits", Count, is_splits)
        if is_splits > num_fake:
            raise SettingError(f"metrics.is_splits={is_splits}: allowed are 1 to metrics.num_fake={num_fake}")
        self.wanted = monitor
        self._name_scores(extractor)

    def _name_scores(self, extractor: Extractor | None) -> None:
        best = {} if extractor is None else {f"fid_{extractor.name}": "min", f"is_{extractor.name}": "max"}
        best["swd"] = "min"
        if self.wanted is not None and self.wanted not in best:
            raise SettingError(f"metrics.monitor={self.wanted}: allowed are {', '.join(best)}, or null")
        self.names, self.best = list(best), best
        self._choose(self.wanted or self.names[0])

    def _choose(self, monitor: str) -> None:
        self.monitor, self.mode = monitor, self.best[monitor]

    def prepare(self, data: ImageData | PointData) -> bool:
        if isinstance(data, PointData):
            name = "swd" if self.extractor is None else self.extractor.name
            raise SettingError(
                f"metrics={name}: looks at images, and this data set holds points of a toy mixture; "
                "choose metrics=modes or metrics=none"
            )
        real = data.images(self.split)
        extractor = self._prepared(data, real)
        self._name_scores(extractor)
        self.scores = ImageScores(extractor, real, self.num_fake, self.is_splits, self.cache_dir, data.num_workers)
        self.protocol = {
            "num_real": len(real),
            "num_fake": self.num_fake,
            "split": self.split,
            "value_range": real.plain_range,
            "resolution": data.resolution,
            **self.scores.protocol(),
        }
        sides = held_out(data, self.split)
        found = references(extractor, real, sides, self.num_fake, self.is_splits, self.cache_dir, data.num_workers)
        log.info("%s", as_lines(found, sides.description(self.num_fake)))
        self.references = found
        self._heed(found, extractor)
        return True

    def _prepared(self, data: ImageData, real: Images) -> Extractor | None:
        """The extractor, ready; None if there is none, or if it has nothing to be fitted on."""
        extractor = self.extractor
        if extractor is None:
            return None
        train, held = train_and_test(data)
        least = extractor.num_features + 1
        few = len(real) < least and extractor.fitted and self.wanted is None
        if few and train.label_name is not None and self.num_fake >= least:  # fitting would take a minute for nothing
            log.info(
                "fid_classifier and is_classifier are left out: the data have %s images, and %s are needed",
                *(len(real), least),
            )
            return None
        try:
            extractor.prepare(train, held)
        except NoLabelsError as reason:
            log.info(
                "fid_classifier and is_classifier are left out: they need labels of two or more classes, and the data "
                "have %s",
                reason,
            )
            return None
        if self.num_fake < least:
            raise SettingError(
                f"metrics.num_fake={self.num_fake}: too few images to span the {least - 1} features of "
                f"metrics={extractor.name}; take at least {least}, or metrics=swd, which needs no network"
            )
        if len(real) < least:
            raise SettingError(
                f"metrics={extractor.name}: the data have {len(real)} images, too few to span its {least - 1} "
                f"features; it needs at least {least}, and metrics=swd needs no network"
            )
        return extractor

    def _heed(self, found: References, extractor: Extractor | None) -> None:
        """Let `swd` choose the best checkpoint where FID could choose one that draws noise."""
        if extractor is None or not extractor.fitted:
            return
        little = says_little(f"fid_{extractor.name}", found)
        if little is not None:
            chosen = (
                "the checkpoint with the lowest swd is the best one"
                if self.wanted is None
                else f"metrics.monitor={self.wanted} still chooses the best checkpoint, but swd would be better"
            )
            log.warning("%s; %s", little, chosen)
            self._choose(self.wanted or "swd")

    def reset(self, device: torch.device) -> None:
        self.scores.reset(device)

    def update(self, samples: Generated) -> None:
        self.scores.update(samples.number, quantise(samples.image))

    def compute(self) -> dict[str, float]:
        values = self.scores.compute()
        self.detail = {"swd_by_level": dict(self.scores.swd.by_level)}
        return values
