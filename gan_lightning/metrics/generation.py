"""Scores of images from noise, against the real ones: those that were chosen, from an extractor or from the pixels."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, final

import torch

from gan_lightning.batch import Generated
from gan_lightning.compatibility import compare_kind, compare_scores
from gan_lightning.contracts import check_contracts
from gan_lightning.data import ImageData, ImageKind, Images, PointData, kind_named, readers_ended
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.metrics.contracts import Extractor, NoLabelsError, Scores, quantise
from gan_lightning.metrics.few import warn_of_few
from gan_lightning.metrics.image_scores import ImageScores, full_name
from gan_lightning.metrics.judgement import why_uninformative
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.references import (
    References,
    as_lines,
    asked,
    asked_captions,
    fewest,
    held_out,
    references,
    split,
    train_and_test,
)
from gan_lightning.metrics.score import Score
from gan_lightning.metrics.scores.frechet import FrechetDistance
from gan_lightning.metrics.scores.inception_score import InceptionScore
from gan_lightning.metrics.scores.sliced_wasserstein import SlicedWasserstein
from gan_lightning.ranges import Count, Many, PathText, within

log = logging.getLogger(__name__)


@final
class GenerationScores(Scores):
    """Scores of images; those of features or logits have the extractor's name behind theirs, as `fid_classifier`.

    An extractor that is fitted on labels brings no scores where there are none, or too few images; then only the
    scores of pixels are left. The real side is computed once and cached. Generated images are rounded to 8 bits as a
    picture file would hold them. Every process computes the same values from the images of all.

    Args:
        cache_dir: folder of what is remembered about the real side.
        split: whose images are the real side.
        is_splits: parts whose Inception scores are averaged, which conf/metrics/is.yaml refers to.
        num_fake: generated images per validation, over all processes.
        monitor: the score that chooses the best checkpoint. None takes the first one, or `swd` where the first would
            not tell real images from destroyed ones (see `references`).
        scores: by name. None, as in checkpoints of earlier versions: FID and IS if there is an extractor, and `swd`.
        extractor: the network behind the scores; None if all are of pixels.
        only_possible: leave out each score that these data, or so few images, do not allow, and say so in the log,
            instead of refusing it.

    Raises:
        SettingError: the extractor lacks what a score needs; no score uses the extractor; `monitor` names none of the
            scores; there are more splits than images.
    """

    serves = (Generated,)

    def __init__(
        self,
        cache_dir: PathText,
        split: str,
        is_splits: Count,
        num_fake: Many,
        monitor: str | None,
        scores: Mapping[str, Score] | None = None,
        extractor: Extractor | None = None,
        only_possible: bool = False,
    ) -> None:
        self.extractor, self.only_possible = extractor, only_possible
        self.cache_dir = expanded(cache_dir)
        self.split = split
        self.num_fake = within("metrics.num_fake", Count, num_fake)
        self.is_splits = within("metrics.is_splits", Count, is_splits)
        if is_splits > num_fake:
            raise SettingError(f"metrics.is_splits={is_splits}: allowed are 1 to metrics.num_fake={num_fake}")
        self.wanted = monitor
        if scores is None:
            network = {} if extractor is None else {"fid": FrechetDistance(), "is": InceptionScore(is_splits)}
            scores = {**network, "swd": SlicedWasserstein()}
        check_contracts("metrics.scores", scores, Score)
        self.chosen = dict(scores)
        if not self.chosen:
            raise SettingError("metrics: names no score; say for example metrics=fid or 'metrics=[fid,is,swd]'")
        if extractor is not None and only_possible:
            self._leave_out_of_other_outputs(extractor)
        needs = {name: score.needs for name, score in self.chosen.items()}
        name, offers = (None, ()) if extractor is None else (extractor.option, extractor.offers)
        compare_scores(self._typed(), needs, name, offers)
        self._name_scores(extractor)

    def _typed(self) -> str:
        """The chosen scores as an option of `metrics`."""
        if self.only_possible:
            return "full"
        extractor = "" if self.extractor is None else self.extractor.name
        if extractor in ("classifier", "inception") and list(self.chosen) == ["fid", "is", "swd"]:
            return extractor
        return next(iter(self.chosen)) if len(self.chosen) == 1 else f"[{','.join(self.chosen)}]"

    def _name_scores(self, extractor: Extractor | None) -> None:
        scores = {
            full_name(name, score, extractor): score
            for name, score in self.chosen.items()
            if extractor is not None or score.needs == "pixels"
        }
        self.higher_is_better = {name: score.higher_is_better for name, score in scores.items()}
        choosing = [name for name, score in scores.items() if score.chooses]
        if self.wanted is not None and self.wanted not in choosing:
            allowed = f"{', '.join(choosing)}, or null" if choosing else "null alone"
            raise SettingError(f"metrics.monitor={self.wanted}: allowed are {allowed}")
        self.monitor = self.wanted or next(iter(choosing), None)

    @readers_ended()
    def prepare(self, data: ImageData | PointData) -> bool:
        looks = f"metrics={self._typed()}: looks at images"
        compare_kind(looks, ImageKind.name, kind_named(data.spec().kind), "metrics")
        assert isinstance(data, ImageData)
        images = data.images(self.split)
        if self.only_possible:
            self._leave_out_of_too_few(min(self.num_fake, len(images)))
        extractor = self._prepared(data, images)
        real = RealSide(images, extractor, self.num_fake, self.cache_dir, data.num_workers)
        real = replace(real, asked=asked(data), captions=asked_captions(data))
        real = replace(real, training=data.images("train"), held=split(data, "test"))
        self._refuse_or_leave_out_what_the_data_lack(real)
        self._name_scores(extractor)
        self.scores = ImageScores(self.chosen, real)
        self.protocol = {
            "num_real": len(images),
            "num_fake": self.num_fake,
            "split": self.split,
            "value_range": images.plain_range,
            "resolution": data.resolution,
            **self.scores.protocol(),
        }
        sides = held_out(data, self.split)
        found = references(self.chosen, real, sides, self.is_splits, apart=held_out(data, "train"))
        log.info("%s", as_lines(found, sides.description(self.num_fake)))
        self.references = found
        self.compared = {"scored": min(self.num_fake, len(sides.held)), "against": len(sides.against)}
        self._heed(found, extractor)
        return True

    def _prepared(self, data: ImageData, real: Images) -> Extractor | None:
        """The extractor, ready; None if there is none, or if it has nothing to be fitted on."""
        extractor = self.extractor
        if extractor is None:
            return None
        left_out = [full_name(name, score, extractor) for name, score in self.chosen.items() if score.needs != "pixels"]
        if not left_out:  # there are too few images for those that need it
            return None
        others = len(left_out) < len(self.chosen)
        train, held = train_and_test(data)
        least = fewest(self.chosen, extractor)
        few = len(real) < least and extractor.fitted and self.wanted is None and others
        if few and train.label_name is not None and self.num_fake >= least:  # fitting would take a minute for nothing
            log.info("%s left out: the data have %s images, and %s are needed", _are(left_out), len(real), least)
            return None
        if len(train.labels.unique()) > 1:  # without labels, these scores are left out whatever their number
            self._refuse_too_few(len(real), least)
        try:
            extractor.prepare(train, held)
        except NoLabelsError as reason:
            if not others:
                raise SettingError(
                    f"metrics={self._typed()}: extractor={extractor.option} needs labels of two or more classes, and "
                    f"the data have {reason}; choose extractor=inception, or metrics=swd, which needs no network"
                ) from reason
            needed = "labels of two or more classes are needed"
            log.info("%s left out: %s, and the data have %s", _are(left_out), needed, reason)
            return None
        self._refuse_too_few(len(real), least)
        return extractor

    def _refuse_too_few(self, num_real: int, least: int) -> None:
        if self.num_fake < least:
            raise SettingError(
                f"metrics.num_fake={self.num_fake}: too few images (metrics={self._typed()}); take at least {least}, "
                "or metrics=swd, which needs no network"
            )
        if num_real < least:
            raise SettingError(
                f"metrics={self._typed()}: the data have {num_real} images; it needs at least {least}, and "
                "metrics=swd needs no network"
            )

    def _leave_out_of_other_outputs(self, extractor: Extractor) -> None:
        """Leave out each score that needs what the extractor does not give."""
        for name, score in list(self.chosen.items()):
            if score.needs != "pixels" and score.needs not in extractor.offers:
                full = full_name(name, score, extractor)
                log.info("%s is left out: extractor=%s gives no %s", full, extractor.option, score.needs)
                del self.chosen[name]

    def _leave_out_of_too_few(self, count: int) -> None:
        """Leave out each score that needs more images than there are on one side."""
        extractor = self.extractor
        if extractor is None:
            return
        for name, score in list(self.chosen.items()):
            least = 1 if score.needs == "pixels" else score.fewest(extractor)
            if count < least:
                full = full_name(name, score, extractor)
                log.info("%s is left out: it needs %s images, and there are %s", full, f"{least:,}", f"{count:,}")
                del self.chosen[name]

    def _refuse_or_leave_out_what_the_data_lack(self, real: RealSide) -> None:
        usable = {name: s for name, s in self.chosen.items() if real.extractor is not None or s.needs == "pixels"}
        missing = {name: lacked for name, score in usable.items() if (lacked := score.lacks(real)) is not None}
        for name, lacked in missing.items():
            if not self.only_possible:
                raise SettingError(f"metrics={self._typed()}: {name} {lacked}")
            log.info("%s is left out: it %s", full_name(name, usable.pop(name), real.extractor), lacked)
            del self.chosen[name]
        warn_of_few({full_name(name, score, real.extractor): score for name, score in usable.items()}, real)

    def _heed(self, found: References, extractor: Extractor | None) -> None:
        """Let `swd` choose the best checkpoint where the first score could choose one that draws noise."""
        if extractor is None or not extractor.fitted or self.monitor is None or self.monitor == "swd":
            return
        little = why_uninformative(self.monitor, found, self.higher_is_better[self.monitor])
        if little is None:
            return
        if self.wanted is None and "swd" in self.names:
            self.monitor, then = "swd", "the checkpoint with the lowest swd is the best one"
        else:
            chosen = f"metrics.monitor={self.wanted} still" if self.wanted else f"{self.monitor}"
            add = "" if "swd" in self.names else f": add it with 'metrics=[{','.join([*self.chosen, 'swd'])}]'"
            then = f"{chosen} chooses the best checkpoint, but swd would be better{add}"
        log.warning("%s; %s", little, then)

    def reset(self, device: torch.device) -> None:
        self.scores.reset(device)

    def update(self, samples: Generated) -> None:
        self.scores.update(samples.number, quantise(samples.image))

    def sample_from(self, model: Any) -> None:
        self.scores.sample_from(model)

    def compute(self) -> dict[str, float]:
        values = self.scores.compute()
        self.detail = {**self.scores.detail(), "reference_images": self.compared}
        return values


def _are(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last} are" if others else f"{last} is"
