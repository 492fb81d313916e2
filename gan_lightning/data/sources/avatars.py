"""Cartoon faces with exact labels, drawn on the spot: the data sets that need no network.

DiceBear (dicebear-core, dicebear-styles) writes an SVG for a seed and says which options it chose;
resvg turns it into pixels. Styles `pixel-art`, `open-peeps` and `lorelei` are CC0 1.0; others have licences
of their own.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import torch

from gan_lightning.cache import cached
from gan_lightning.data.contracts import NoSplitError, Sides, SidesSource, Source
from gan_lightning.data.images import TensorImages
from gan_lightning.data.sources.colours import colour_names, with_colour_names
from gan_lightning.data.sources.faces import Faces, packages
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.ranges import Count, Many, PathText, within


@final
class Avatars(Source):
    """Faces of one DiceBear style on a white ground, RGB; train and test use disjoint seeds.

    Args:
        cache_dir: drawn once per style, resolution and count, then read from here.
        style: a file name of `dicebear_styles`.
        label: the attribute that is the class label, one of `hair_color`, `skin_color`, `clothing_color`,
            `eyes_color`, `mouth_color`, `hair` (long or short), `mouth` (happy or sad), `eyes`, `clothes`,
            `glasses`, `hat`, `beard`, `accessories` ... in `pixel-art`.
        num_train, num_test: images of each split.

    Raises:
        SettingError: an unknown style, label or split.
    """

    def __init__(self, cache_dir: PathText, style: str, label: str, num_train: Many, num_test: Many) -> None:
        self.cache_dir = expanded(cache_dir)
        self.style, self.label = style, label
        self.counts = {"train": num_train, "test": num_test}
        self.faces = Faces(style, "dataset.source.style")
        self.classes = self.faces.classes
        if label not in self.classes:
            raise SettingError(f"dataset.source.label={label}: allowed are {', '.join(sorted(self.classes))}")

    def load(self, split: str, resolution: int) -> TensorImages:
        count = count_of_split(self.counts, split)
        key = {"style": self.style, "split": split, "count": count, "resolution": resolution, **packages()}
        seeds = [f"{split}-{i}" for i in range(count)]
        drawn = cached(self.cache_dir, "avatars", key, lambda: self.faces.draw(seeds, {}, (resolution, resolution)))
        return TensorImages(drawn["images"], drawn["attributes"], self.label, self.classes[self.label])


@final
class AvatarAttribute(SidesSource):
    """Two domains of faces that differ in one attribute, RGB on white, no face twice; truth is known in validation.

    The true translation of a held-out face is the same face with the other value. Training faces have none.

    Args:
        cache_dir: drawn once, then read from here.
        style: a file name of `dicebear_styles`.
        attribute: as `label` of `Avatars`. One that a component must be there for (`hat_color`) brings it along,
            and the colour of one that may be missing (`hat`) comes and goes with it.
        a, b: the attribute's value in each domain: a colour of the palette, by code (#bd1700) or by name (red), a
            family of variants or `none`.
        num_train, num_test: faces of each domain in each split.

    Raises:
        SettingError: an unknown style, attribute, value or split; one value for both domains; a count below 1.
    """

    def __init__(
        self, cache_dir: PathText, style: str, attribute: str, a: str, b: str, num_train: Many, num_test: Many
    ) -> None:
        self.cache_dir = expanded(cache_dir)
        self.style, self.attribute = style, attribute
        self.counts = counts_of_splits(num_train, num_test)
        self.faces = Faces(style, "dataset.source.style")
        classes = self.faces.classes
        known = classes.get(attribute, [])
        codes = dict(zip(colour_names(known), known, strict=True))
        self.values = {"a": codes.get(a, a), "b": codes.get(b, b)}
        if attribute not in classes:
            raise SettingError(f"dataset.source.attribute={attribute}: allowed are {', '.join(sorted(classes))}")
        for side, value in self.values.items():
            if value not in classes[attribute]:
                allowed = ", ".join(with_colour_names(classes[attribute]))
                raise SettingError(f"dataset.source.{side}={value}: allowed for {attribute} are {allowed}")
        if self.values["a"] == self.values["b"]:
            raise SettingError(f"dataset.source.b={b}: the same {attribute} as a; the domains must differ")

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        count = count_of_split(self.counts, split)
        a, b = (self._draw(f"{side}-{split}", self.values[side], count, size) for side in "ab")
        if split == "train":
            return Sides(a, b, None, None, paired=False)
        a2b = self._draw(f"a-{split}", self.values["b"], count, size)
        b2a = self._draw(f"b-{split}", self.values["a"], count, size)
        return Sides(a, b, a2b, b2a, paired=False)

    def _draw(self, seeds: str, value: str, count: int, size: tuple[int, int]) -> TensorImages:
        """`count` faces of the seeds that start with `seeds`, all with `value`."""
        options = self.faces.forcing(self.attribute, value)
        drawn = drawn_faces(self.faces, self.cache_dir, self.style, seeds, options, count, size)
        return TensorImages(drawn["images"], drawn["attributes"], self.attribute, self.faces.classes[self.attribute])


@final
class AvatarStyles(SidesSource):
    """Faces of two DiceBear styles, RGB on white, of disjoint seeds: two domains without truth.

    The label `style` says which one a face is of.

    Args:
        cache_dir: drawn once, then read from here.
        a, b: the style of each domain, file names of `dicebear_styles`.
        num_train, num_test: faces of each domain in each split.

    Raises:
        SettingError: an unknown style or split; one style for both domains; a count below 1.
    """

    def __init__(self, cache_dir: PathText, a: str, b: str, num_train: Many, num_test: Many) -> None:
        self.cache_dir = expanded(cache_dir)
        self.counts = counts_of_splits(num_train, num_test)
        self.styles = [a, b]
        self.faces = [Faces(a, "dataset.source.a"), Faces(b, "dataset.source.b")]
        if a == b:
            raise SettingError(f"dataset.source.b={b}: the same style as a; the domains must differ")

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        return Sides(self._draw(0, split, size), self._draw(1, split, size), None, None, paired=False)

    def _draw(self, side: int, split: str, size: tuple[int, int]) -> TensorImages:
        count, seeds = count_of_split(self.counts, split), f"{'ab'[side]}-{split}"
        drawn = drawn_faces(self.faces[side], self.cache_dir, self.styles[side], seeds, {}, count, size)
        return TensorImages(drawn["images"], {"style": torch.full((count,), side)}, "style", self.styles)


def drawn_faces(
    faces: Faces, cache_dir: Path, style: str, seeds: str, options: dict[str, Any], count: int, size: tuple[int, int]
) -> dict[str, Any]:
    """`count` faces of the seeds that start with `seeds`, drawn once and cached."""
    key = {"style": style, "seeds": seeds, "options": options, "count": count, "size": size, **packages()}
    names = [f"{seeds}-{i}" for i in range(count)]
    return cached(cache_dir, "avatar-sides", key, lambda: faces.draw(names, options, size))


def counts_of_splits(num_train: int, num_test: int) -> dict[str, int]:
    """The numbers of faces by split.

    Raises:
        SettingError: one of them is below 1.
    """
    for name, value in {"num_train": num_train, "num_test": num_test}.items():
        within(f"dataset.source.{name}", Count, value)
    return {"train": num_train, "test": num_test}


def count_of_split(counts: Mapping[str, int], split: str) -> int:
    """The number of faces in a split.

    Raises:
        SettingError: the split is neither train nor test.
    """
    if split not in counts:
        raise NoSplitError(f"split={split}: avatars have the splits train and test")
    return counts[split]
