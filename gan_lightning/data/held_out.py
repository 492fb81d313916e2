"""The held-out pictures that validation asks a translator to translate."""

from collections.abc import Sequence
from typing import NamedTuple, final

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.batch import HeldOut
from gan_lightning.data.contracts import Images, read_together, scaled
from gan_lightning.data.loader import loader
from gan_lightning.data.sampler import Place, share


class Route(NamedTuple):
    """One direction of translation: its pictures, and their true translations in the same order where known."""

    direction: str
    source: Images
    target: Images | None

    def batch(self, number: Tensor) -> HeldOut:
        """The pictures that stand at `number` (B,)."""
        sets = [images for images in (self.source, self.target) if images is not None]
        source, *target = map(scaled, read_together(sets, number.tolist()))
        return HeldOut(self.direction, number, source, target[0] if target else None)


@final
class HeldOutBatches(Dataset[HeldOut]):
    """This process's exact share of every route, one route after the other, in batches.

    Args:
        routes: what is translated.
        batch_size: pictures per batch.
        place: this process.

    Raises:
        SettingError: there are more processes than pictures of a route.
    """

    def __init__(self, routes: Sequence[Route], batch_size: int, place: Place) -> None:
        self.batches = [
            (route, number)
            for route in routes
            for number in share(len(route.source), place, f"held-out pictures ({route.direction})").split(batch_size)
        ]

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, i: int) -> HeldOut:
        route, number = self.batches[i]
        return route.batch(number)


def held_out_loader(routes: Sequence[Route], batch_size: int, place: Place, num_workers: int) -> DataLoader[HeldOut]:
    """Loader of this process's share of the held-out pictures of all `routes`."""
    batches = HeldOutBatches(routes, batch_size, place)
    return loader(batches, range(len(batches)), num_workers)


def examples(routes: Sequence[Route], n: int) -> list[HeldOut]:
    """The first `n` pictures of every route, or all where there are fewer."""
    return [route.batch(torch.arange(min(n, len(route.source)))) for route in routes]
