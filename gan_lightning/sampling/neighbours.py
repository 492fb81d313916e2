"""The training images that are nearest to each sample: does a generator copy?"""

from abc import ABC, abstractmethod
from typing import Any, NamedTuple, final

import torch
from torch import Tensor

from gan_lightning.compatibility import compare_kind
from gan_lightning.data import ImageKind, Images, quantise, save_png
from gan_lightning.data.contracts import scaled
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError
from gan_lightning.metrics import Extractor
from gan_lightning.ranges import Columns, Count, within
from gan_lightning.sampling.samplers import Sampler
from gan_lightning.sampling.showing import BATCH, Show, drawn, most_shown
from gan_lightning.sampling.task import Task


class Space(ABC):
    """Where distances between images are measured."""

    words: str

    @abstractmethod
    def begin(self, task: Task, data: Any) -> None:
        """Get ready.

        Raises:
            SettingError: the checkpoint lacks what is needed.
        """

    @abstractmethod
    def vectors(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) uint8 as vectors (B, D), whose Euclidean distance counts."""


@final
class PixelSpace(Space):
    """All numbers of an image, in [-1, 1]."""

    words = "in pixels"

    def begin(self, task: Task, data: Any) -> None:
        """Nothing is needed."""

    def vectors(self, images: Tensor) -> Tensor:
        return scaled(images).flatten(1)


@final
class FeatureSpace(Space):
    """The features of the extractor behind the run's scores, which matter more to people than pixels."""

    extractor: Extractor

    def begin(self, task: Task, data: Any) -> None:
        extractor = task.extractor(data)
        if extractor is None:
            raise SettingError(
                "show=neighbours_by_features: the scores of this checkpoint's run use no extractor; show=neighbours "
                "compares pixels"
            )
        self.extractor, self.words = extractor, f"in the features of {extractor.name}"

    @torch.no_grad()
    def vectors(self, images: Tensor) -> Tensor:
        return self.extractor(images).features.flatten(1).float()


class Found(NamedTuple):
    """The nearest training images of samples (N, k), nearest first, by position, with their distances."""

    position: Tensor
    distance: Tensor


def nearest(samples: Tensor, images: Images, space: Space, count: int) -> Found:
    """The `count` training images that are nearest to each of samples (N, C, H, W) uint8."""
    wanted = space.vectors(samples)
    best = Found(torch.zeros(len(samples), 0, dtype=torch.long), torch.zeros(len(samples), 0))
    for part in progress(torch.arange(len(images)).split(BATCH), "Comparing with training images"):
        distance = torch.cdist(wanted, space.vectors(images.pixels(part.tolist())), compute_mode=EXACT)
        together = torch.cat([best.distance, distance], 1)
        position = torch.cat([best.position, part.expand(len(samples), -1)], 1)
        kept = together.topk(min(count, together.shape[1]), largest=False)
        best = Found(position.gather(1, kept.indices), kept.values)
    return best


EXACT = "donot_use_mm_for_euclid_dist"  # otherwise a copy has a distance of rounding errors


@final
class Neighbours(Show):
    """Samples as usual; in the picture, each stands before the training images that are nearest to it.

    `neighbours.csv` holds positions in the training set and distances.

    Args:
        space: where distances are measured.
        count: training images beside each sample.
    """

    uses_sampler = True
    ignores = ("columns",)
    files = ("neighbours.csv",)

    def __init__(self, space: Space, count: Columns) -> None:
        self.space, self.count = space, within("show.count", Count, count)

    def show(self, task: Task, sampler: Sampler) -> str:
        compare_kind("show=neighbours: compares images", ImageKind.name, task.kind, "show")
        data = task.data()
        images: Images = data.images("train")
        if self.count > len(images):
            raise SettingError(f"show.count={self.count}: there are {len(images):,} training images")
        self.space.begin(task, data)
        sampler.begin(task)
        samples, sentence = drawn(task, sampler)
        samples = samples[: most_shown(samples, self.count + 1) // (self.count + 1)]
        found = nearest(quantise(samples), images, self.space, self.count)
        beside = scaled(images.pixels(found.position.flatten().tolist())).unflatten(0, found.position.shape)
        rows = torch.cat([samples.float()[:, None], beside], 1).flatten(0, 1)
        picture = task.folder / task.kind.picture
        save_png(task.kind.draw(rows, self.count + 1), picture)
        lines = ["sample,rank,training_image,distance"]
        for i, (positions, distances) in enumerate(zip(found.position.tolist(), found.distance.tolist(), strict=True)):
            pairs = enumerate(zip(positions, distances, strict=True), 1)
            lines += [f"{i},{rank},{position},{distance:.6g}" for rank, (position, distance) in pairs]
        (task.folder / "neighbours.csv").write_text("\n".join([*lines, ""]))
        report = sampler.report()
        return (
            f"{sentence}; each before its {self.count} nearest training images, {self.space.words}, in {picture}"
            f"{'; ' if report else ''}{report}"
        )
