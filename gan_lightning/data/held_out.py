"""What translators are validated on: held-out pictures of named domains."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple, final

import lightning.pytorch as L
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.batch import HeldOut, Route
from gan_lightning.data.contracts import Images, read_together, scaled
from gan_lightning.data.loader import loader
from gan_lightning.data.sampler import Place, place, share
from gan_lightning.data.sources.joined import JoinedImages


class TranslationData(L.LightningDataModule, ABC):
    """Data for models that translate between domains, which have names.

    Subclasses say which pictures each domain has. Validation then asks for the translation of the held-out pictures
    of the split `test` along every route.

    Attributes:
        routes: along which pictures are translated.
        evaluation_batch_size: pictures per step of validation.
        num_workers: processes that read pictures.
    """

    routes: Sequence[Route]
    evaluation_batch_size: int
    num_workers: int

    @abstractmethod
    def domains(self, split: str) -> Mapping[str, Images]:
        """The pictures of every domain in a split, `train` or `test`, by the name of the domain.

        Raises:
            SettingError: they cannot be had.
        """

    @abstractmethod
    def truth(self, split: str, route: Route) -> Images | None:
        """The true translations along a route of its `sources`, in their order; None if not known."""

    def sources(self, split: str, route: Route) -> Images:
        """The pictures of a split that a route leads from: all of its source, unless a picture may lie in several
        domains and these leave out what is in the target already."""
        return self.domains(split)[route.source]

    def pictures(self, split: str) -> Images:
        """All pictures of a split, in whatever domain."""
        return reduce(JoinedImages, self.domains(split).values())

    def val_dataloader(self) -> DataLoader[HeldOut]:
        """This process's exact share of the held-out pictures, one route after the other."""
        batches = HeldOutBatches(self._held_out(), self.evaluation_batch_size, place(self.trainer))
        return loader(batches, range(len(batches)), self.num_workers)

    def examples(self, n: int) -> list[HeldOut]:
        """The first `n` held-out pictures of every route, or all if there are fewer; the same on every process."""
        return [held.batch(torch.arange(min(n, len(held.source)))) for held in self._held_out()]

    def _held_out(self) -> list["HeldOutPictures"]:
        return [HeldOutPictures(r, self.sources("test", r), self.truth("test", r)) for r in self.routes]


class HeldOutPictures(NamedTuple):
    """The pictures of one route, and their true translations in the same order where known."""

    route: Route
    source: Images
    target: Images | None

    def batch(self, number: Tensor) -> HeldOut:
        """The pictures at the positions `number` (B,)."""
        sets = [images for images in (self.source, self.target) if images is not None]
        source, *target = map(scaled, read_together(sets, number.tolist()))
        return HeldOut(self.route, number, source, target[0] if target else None)


@final
class HeldOutBatches(Dataset[HeldOut]):
    """This process's exact share of every route, one route after the other, in batches.

    Args:
        routes: what is translated, by route.
        batch_size: pictures per batch.
        place: this process.

    Raises:
        SettingError: there are more processes than pictures of a route.
    """

    def __init__(self, routes: Sequence[HeldOutPictures], batch_size: int, place: Place) -> None:
        self.batches = [
            (held, number)
            for held in routes
            for number in share(len(held.source), place, f"held-out pictures ({held.route.name})").split(batch_size)
        ]

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, i: int) -> HeldOut:
        held, number = self.batches[i]
        return held.batch(number)
