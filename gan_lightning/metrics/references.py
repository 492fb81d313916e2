"""Scores of real images and of destroyed images, to compare the scores of samples with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gan_lightning.cache import cached
from gan_lightning.data import (
    Asked,
    ImageData,
    Images,
    NoSplitError,
    SelectedImages,
    in_turn,
    shuffled_positions,
    spread,
    without_pattern,
)
from gan_lightning.metrics.contracts import Extractor
from gan_lightning.metrics.image_scores import ImageScores
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import LEAST_LOOKED_AT, SamplerScore, Score
from gan_lightning.metrics.scores.frechet import FrechetDistance
from gan_lightning.metrics.scores.inception_score import InceptionScore
from gan_lightning.metrics.scores.sliced_wasserstein import SlicedWasserstein

References = dict[str, dict[str, float]]
"""By the name of what was scored, its scores by name."""
REAL, COPY, SHUFFLED, NOISE = "real", "copy", "shuffled", "noise"


class Sides(NamedTuple):
    """Real images to score, what they are scored against, and words for both."""

    held: Images
    against: Images
    words: str

    def description(self, most: int) -> str:
        """Which images are scored, where at most so many are."""
        return f"{min(most, len(self.held)):,} {self.words}"


def held_out(data: ImageData, side: str) -> Sides:
    """The other split of the data against the split `side`; without another one, half of `side` against the other half.

    A single image is compared with itself.
    """
    real, other = data.images(side), split(data, "test" if side == "train" else "train")
    if other is not None:
        return Sides(other, real, "real images (held out)")
    if len(real) == 1:
        return Sides(real, real, "real image (the only one, against itself)")
    one, another = halves(real)
    return Sides(another, one, "real images (half of them, against the other half)")


def halves(images: Images) -> tuple[Images, Images]:
    """Two halves of at least two images."""
    one, another = (SelectedImages(images, half) for half in shuffled_positions(len(images)).chunk(2))
    return one, another


def asked(data: ImageData) -> Tensor | None:
    """The classes (N,) that samples are asked to show in turn; None if the data have no two classes as conditions."""
    conditions = in_turn(data.conditions())
    one_class = data.attributes is None and not data.captioned and data.images("train").label_name is not None
    return conditions if one_class and len(conditions.unique()) > 1 else None


def asked_captions(data: ImageData) -> Asked | None:
    """What the captions say that samples are asked to show in turn; None if the conditions are no captions."""
    captions = data.images(data.asked_split).captions if data.captioned else None
    return None if captions is None else captions.asked.at(in_turn(torch.arange(len(captions.words))))


def train_and_test(data: ImageData) -> tuple[Images, Images]:
    """Images to fit a classifier to, and others of the same classes to try it on: a tenth, if there is no split."""
    train, test = data.images("train"), split(data, "test")
    if test is not None and list(test.class_names) == list(train.class_names):
        return train, test
    positions = shuffled_positions(len(train))
    tenth = len(train) // 10 or 1
    return SelectedImages(train, positions[tenth:]), SelectedImages(train, positions[:tenth])


def split(data: ImageData, name: str) -> Images | None:
    """The images of a split; None if the data have no such split."""
    try:
        return data.images(name)
    except NoSplitError:
        return None


def references(
    scores: Mapping[str, Score],
    real: RealSide,
    sides: Sides,
    is_splits: int | None,
    copied: Images | None = None,
    apart: Sides | None = None,
) -> References:
    """Scores of images that no model made, cached.

    - `real`: as many held-out real images as samples, or all that there are. A perfect model would score so.
    - `copy`: the pictures that a model translates, if they are given: what it would score if it changed nothing.
    - `shuffled`: as many real images, all with their pixels in the same other order, so that they keep their colours
      and nothing else.
    - `noise`: as many images whose pixels are drawn uniformly.

    Args:
        scores: by name, not begun.
        real: the real side of samples. An extractor that was trained for no particular data is not shown destroyed
            images, which would cost as much as scoring a model.
        sides: of the real images' own score.
        is_splits: of the Inception score, part of the name in the cache.
        copied: pictures that a model translates, of as many channels as `real`.
        apart: for scores that compare samples with training images, whatever `real` is: the training images, and others
            of which one half stands for samples, the other for held-out images. These scores have no other references.
    """
    of_images = {name: score for name, score in scores.items() if not isinstance(score, SamplerScore)}
    on_real = {name: score for name, score in of_images.items() if not score.compares_with_training}
    on_training = {name: score for name, score in scores.items() if score.compares_with_training}
    extractor, images = real.extractor, real.images
    held = without_pattern(spread(sides.held, real.num_fake), min(len(sides.against), LEAST_LOOKED_AT))
    pictures = without_pattern(spread(images, real.num_fake), LEAST_LOOKED_AT)
    key: dict[str, Any] = {
        "held": held.fingerprint,
        "against": sides.against.fingerprint,
        "real": images.fingerprint,
        "size": list(images.size),
        "num_fake": real.num_fake,
        "is_splits": is_splits,
        "copied": None if copied is None else copied.fingerprint,
        "label": images.label_name,  # one of several attributes, which are all in the fingerprint
        "asked": real.asked is not None,
        "extractor": None if extractor is None else [extractor.name, extractor.weights_hash()],
    }

    if not _are_usual(scores, extractor is not None, is_splits):
        key["scores"] = {name: [type(score).__qualname__, repr(vars(score))] for name, score in scores.items()}

    def make() -> References:
        def against(
            side: Images, samples: Images, chosen: Mapping[str, Score] = on_real, others: Images | None = None
        ) -> ImageScores:
            alike = real.asked is not None and list(samples.class_names) == list(images.class_names)
            labels = samples.labels if alike else None
            shown = None if images.captions is None else images.captions.shown_in(samples.attributes)
            own = replace(
                real,
                images=side,
                num_fake=len(samples),
                asked=labels,
                captions=shown,
                training=side,
                held=others,
                alone=True,
            )
            return ImageScores(_possible(chosen, own), own)

        found = {REAL: against(sides.against, held).of(held, lambda image: image)}
        if on_training and apart is not None and len(apart.held) > 1:
            samples, others = halves(apart.held)
            samples = spread(samples, real.num_fake)
            copies = against(apart.against, samples, on_training, others)
            found[REAL] |= copies.of(samples, lambda image: image)
        if copied is not None:
            found[COPY] = against(images, copied).of(copied, lambda image: image)
        if extractor is None or extractor.fitted:
            destroyed = against(images, pictures)
            found[SHUFFLED] = destroyed.of(pictures, _shuffled)
            random = torch.Generator().manual_seed(0)
            found[NOISE] = destroyed.of(
                pictures, lambda image: torch.randint(256, image.shape, dtype=torch.uint8, generator=random)
            )
        return found

    found: References = cached(real.cache_dir, "references", key, make)
    return found


def _possible(scores: Mapping[str, Score], real: RealSide) -> dict[str, Score]:
    """The scores that so many images, and these data, allow."""
    count, extractor = min(real.num_fake, len(real.images)), real.extractor
    many = {
        name: score
        for name, score in scores.items()
        if score.needs == "pixels" or (extractor is not None and count >= score.fewest(extractor))
    }
    return {name: score for name, score in many.items() if score.lacks(real) is None}


def fewest(scores: Mapping[str, Score], extractor: Extractor | None) -> int:
    """How many images either side must have for the scores that use the extractor."""
    if extractor is None:
        return 1
    return max((score.fewest(extractor) for score in scores.values() if score.needs != "pixels"), default=1)


def _are_usual(scores: Mapping[str, Score], with_network: bool, is_splits: int | None) -> bool:
    """Whether these are the scores of earlier versions, in whose names in the cache the scores are not."""
    usual: dict[str, type] = {"fid": FrechetDistance} if with_network else {}
    usual |= {"is": InceptionScore} if with_network and is_splits is not None else {}
    return {name: type(score) for name, score in scores.items()} == {**usual, "swd": SlicedWasserstein}


def as_lines(found: References, real: str) -> str:
    """The references for a reader, a line each; `real` says which real images are the first."""
    names = {REAL: real, COPY: "the sources, not translated", SHUFFLED: "real images, pixels shuffled", NOISE: "noise"}
    width = max(len(names[name]) for name in found)
    lines = [
        f"  {names[name]:{width}}  " + "  ".join(f"{score} {value:.3f}" for score, value in scores.items())
        for name, scores in found.items()
    ]
    return "\n".join(["Scores to compare with (a perfect model would score like the real images):", *lines])


def _shuffled(image: Tensor) -> Tensor:
    pixels = image.flatten(2)
    order = torch.randperm(pixels.shape[2], generator=torch.Generator().manual_seed(0))
    return pixels[:, :, order].view_as(image)
