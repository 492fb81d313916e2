"""Scores of translated pictures, through torchmetrics: against the truth where it is known, by FID where it is not."""

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import final

import torch
from torchmetrics import Metric
from torchmetrics.image import LearnedPerceptualImagePatchSimilarity
from torchvision.models import AlexNet_Weights

from gan_lightning.batch import Route, Translation
from gan_lightning.contracts import check_contracts
from gan_lightning.data import EnlargedImages, Images, TranslationData, readers_ended
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.metrics.contracts import Extractor, NoLabelsError, Scores
from gan_lightning.metrics.direction import DirectionScores
from gan_lightning.metrics.extractors.classifier import ClassifierExtractor
from gan_lightning.metrics.few import warn_of_few
from gan_lightning.metrics.image_scores import ImageScores, full_name
from gan_lightning.metrics.judgement import why_uninformative
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.references import References, Sides, as_lines, references
from gan_lightning.metrics.score import Score
from gan_lightning.metrics.scores.attributes import AttributeAgreement
from gan_lightning.metrics.scores.fidelity import PairScore
from gan_lightning.metrics.scores.frechet import FrechetDistance
from gan_lightning.metrics.scores.sliced_wasserstein import SlicedWasserstein
from gan_lightning.ranges import PathText

log = logging.getLogger(__name__)

CANNOT_CHOOSE = ("copy_", "cycle_l1", "gap")
"""Scores that say nothing about which checkpoint is best."""
SMALLEST_OF_ALEXNET = 31  # its layers halve anything less to nothing


@final
class TranslationScores(Scores):
    """Scores of each direction (suffix `_a2b`, `_b2a`), and their means (no suffix). One direction has no suffix.

    - Everywhere: `swd`, the sliced Wasserstein distance of outputs to the real pictures of the target's domain, and
      `fid_NAME`, their Frechet distance, if there is an extractor and something to fit it on.
    - Where the data know the true target: `l1` in [-1, 1], `psnr` over all pixels of all pictures, `ssim` (Wang et al.
      2004, doi:10.1109/TIP.2003.819861), `lpips` (arXiv:1801.03924, AlexNet) if its weights are on this machine and
      the pictures not below 31 pixels, and `copy_l1`, what the source itself would score, enlarged by bicubic
      interpolation if targets are larger. Beside those there are the scores in `pairs`, each with its `copy_NAME`.
    - Where translation goes both ways: `cycle_l1`, between a picture and its way there and back.
    - Where targets have attributes: `changed`, `kept` and `gap` (see `AttributeAgreement`).

    Args:
        cache_dir: folder of the real side's statistics.
        split: whose pictures are the real side.
        monitor: the score that chooses the best checkpoint; None takes FID if there is one that tells real images from
            destroyed ones (see `references`), otherwise `l1` if there is a truth, otherwise `swd`.
        extractor: the network behind FID, or None for no FID.
        pairs: by name, further scores of each output against its own target. Where targets are larger than sources, a
            border of as many pixels as they are times larger is left out.
    """

    serves = (Translation,)

    def __init__(
        self,
        cache_dir: PathText,
        split: str,
        monitor: str | None,
        extractor: Extractor | None = None,
        pairs: Mapping[str, PairScore] = MappingProxyType({}),
    ) -> None:
        check_contracts("metrics.pairs", pairs, PairScore)
        self.pairs = pairs
        self.extractor = extractor
        self.cache_dir = expanded(cache_dir)
        self.split = split
        self.wanted = monitor

    @readers_ended()
    def prepare(self, data: TranslationData) -> bool:
        other = "test" if self.split == "train" else "train"
        real, rest = data.domains(self.split), data.domains(other)
        asked = {route: data.sources("test", route) for route in data.routes}
        truths = {route: data.truth("test", route) for route in data.routes}
        size = real[data.routes[0].target].size
        extractor = self._extractor(data)
        lpips = self._lpips(size) if any(truth is not None for truth in truths.values()) else None
        self.directions: dict[Route, DirectionScores] = {}
        self.protocol = {
            "num_outputs": {route.name: len(source) for route, source in asked.items()},
            "pixels": "rounded to 8 bits, in [-1, 1]; psnr over all pixels of all pictures, ssim with mirrored borders",
            "size": list(size),
            "split": self.split,
        }
        if self.pairs:
            self.protocol["pairs"] = {
                "names": list(self.pairs),
                "border": [route.scale if route.scale > 1 else 0 for route in data.routes],
                "levels": "0 to 255; mean over pictures; Y as in BT.601, 16 to 235",
            }
        found: dict[str, References] = {}
        fid: dict[str, Score] = {} if extractor is None else {"fid": FrechetDistance()}
        chosen = {**fid, "swd": SlicedWasserstein()}
        for route, truth in truths.items():
            source, target = asked[route], real[route.target]
            same_channels = source.channels == target.channels
            side = RealSide(target, extractor, len(source), self.cache_dir, data.num_workers)
            warn_of_few({full_name(name, score, extractor): score for name, score in chosen.items()}, side, route.name)
            images = ImageScores(chosen, side)
            held = Sides(rest[route.target], target, "real pictures of the other split")
            unchanged = source if route.scale == 1 else EnlargedImages(source, route.scale)
            copied = unchanged if same_channels else None
            found[route.name] = references(chosen, side, held, None, copied)
            log.info("%s: %s", route.name, as_lines(found[route.name], held.description(len(source))))
            measured = images.protocol()
            by_direction = {
                "num_real": len(target),
                "value_range": target.plain_range,
                "swd": measured.pop("swd"),
            }
            self.protocol |= measured
            for key, value in by_direction.items():
                self.protocol[key] = {**self.protocol.get(key, {}), route.name: value}
            self.directions[route] = DirectionScores(
                same_channels=same_channels,
                truth=truth is not None,
                back=route.back in data.routes,
                # A copy, because each direction counts its own pictures.
                lpips=None if lpips is None or truth is None else lpips.clone(),
                images=images,
                agreement=self._agreement(extractor, truth),
                pairs={} if truth is None else self._possible_pairs(truth, route.scale),
                scale=route.scale,
            )
        self.references = _suffixed(found)
        self.blind = extractor is not None and self._is_blind(extractor, found)
        self._name_scores()
        return True

    def _is_blind(self, extractor: Extractor, found: Mapping[str, References]) -> bool:
        """Whether FID should not choose the best checkpoint."""
        if not extractor.fitted:
            return False
        doubts = {
            name: why_uninformative(f"fid_{extractor.name}", by, FrechetDistance.higher_is_better)
            for name, by in found.items()
        }
        for name, little in doubts.items():
            if little is not None:
                log.warning("%s: %s", name, little)
        return any(little is not None for little in doubts.values())

    def _extractor(self, data: TranslationData) -> Extractor | None:
        """The extractor, ready, or None if there is none or nothing to fit it on."""
        if self.extractor is None:
            return None
        try:
            self.extractor.prepare(data.pictures("train"), data.pictures("test"))
        except NoLabelsError as reason:
            log.info(
                "fid_classifier is left out: it needs labels of two or more classes that all domains share, and these "
                "data have %s; metrics=paired_inception and metrics=unpaired_inception need no labels",
                reason,
            )
            return None
        return self.extractor

    def _agreement(self, extractor: Extractor | None, truth: Images | None) -> AttributeAgreement | None:
        if not isinstance(extractor, ClassifierExtractor) or truth is None or truth.label_name is None:
            return None
        return AttributeAgreement(extractor, truth.attributes, truth.label_name)

    def _possible_pairs(self, truth: Images, scale: int) -> dict[str, PairScore]:
        """The scores of pairs that pictures of this size allow; a message names the others."""
        side = min(truth.size) - (0 if scale == 1 else 2 * scale)
        for name, score in self.pairs.items():
            if side < score.smallest:
                log.info(
                    "no %s: it needs pictures of %d pixels and more, and without their border these have %d; choose a "
                    "larger dataset.resolution for it",
                    *(name, score.smallest, side),
                )
        return {name: score for name, score in self.pairs.items() if side >= score.smallest}

    def _lpips(self, size: tuple[int, int]) -> Metric | None:
        """LPIPS if torchvision's AlexNet is on this machine and takes pictures of this size; it is never fetched."""
        if min(size) < SMALLEST_OF_ALEXNET:
            log.info(
                "no LPIPS: its AlexNet takes pictures of %d pixels and more; choose a larger dataset.resolution for it",
                SMALLEST_OF_ALEXNET,
            )
            return None
        address = AlexNet_Weights.IMAGENET1K_V1.url
        weights = Path(torch.hub.get_dir(), "checkpoints", Path(address).name)
        if not weights.is_file():
            log.info("no LPIPS: its AlexNet is not on this machine; for it, save %s as %s", address, weights)
            return None
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="torchvision")
            return LearnedPerceptualImagePatchSimilarity(net_type="alex")

    def _name_scores(self) -> None:
        each = {route.name: scores.higher_is_better() for route, scores in self.directions.items()}
        first = next(iter(each.values()))
        found = {name: higher for name, higher in first.items() if all(name in names for names in each.values())}
        if len(each) > 1:
            for direction, names in each.items():
                found |= {f"{name}_{direction}": higher for name, higher in names.items()}
        self.higher_is_better = found
        monitors = [name for name in self.names if not name.startswith(CANNOT_CHOOSE)]
        if self.wanted is not None and self.wanted not in monitors:
            raise SettingError(f"metrics.monitor={self.wanted}: with these data there are {', '.join(monitors)}")
        order = ("l1", "swd") if self.blind else ("fid_", "l1", "swd")
        preferred = [name for start in order for name in monitors if name.startswith(start)]
        self.monitor = self.wanted or preferred[0]

    def reset(self, device: torch.device) -> None:
        for scores in self.directions.values():
            scores.reset(device)

    def update(self, samples: Translation) -> None:
        self.directions[samples.route].update(samples)

    def compute(self) -> dict[str, float]:
        found = {route.name: scores.compute() for route, scores in self.directions.items()}
        levels = {route.name: scores.images.detail()["swd_by_level"] for route, scores in self.directions.items()}
        self.detail = {direction: table for direction, (_, table) in found.items() if table} | {"swd_by_level": levels}
        values = {}
        for name in self.names:
            means = [scores[name] for scores, _ in found.values() if name in scores]
            stem, _, direction = name.rpartition("_")
            values[name] = found[direction][0][stem] if direction in found else sum(means) / len(means)
        return values


def _suffixed(found: Mapping[str, References]) -> References:
    """References of both directions, their scores with these directions' suffixes, and means; or of the only one."""
    if len(found) == 1:
        return next(iter(found.values()))
    suffixed: References = {}
    for name in next(iter(found.values())):
        by = {direction: references[name] for direction, references in found.items() if name in references}
        common = [score for score in next(iter(by.values())) if all(score in scores for scores in by.values())]
        suffixed[name] = {score: sum(scores[score] for scores in by.values()) / len(by) for score in common}
        for direction, scores in by.items():
            suffixed[name] |= {f"{score}_{direction}": value for score, value in scores.items()}
    return suffixed
