"""The order of training batches: a pure function of seed and epoch, split exactly over processes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, final

import lightning.pytorch as L
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Sampler

from gan_lightning.data.contracts import Draw
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Count, within


class Place(NamedTuple):
    """Which process of how many this is, and where in training it begins: a resumed run goes on inside an epoch.

    `batch` is how many batches of epoch `epoch` this process has already seen.
    """

    rank: int = 0
    world_size: int = 1
    epoch: int = 0
    batch: int = 0


ALONE = Place()

TOGETHER = 16
"""Shards whose images are shuffled together, where images come in shards."""


@final
class EpochBatches(Sampler[Draw]):
    """Shuffled batches without repetition; what does not fill a batch on every process is left out.

    Images that are fewer than a batch of every process together come again until it is full, so that a few pictures, or
    one, can be trained on: batch norm needs batches, and augmentations make each repetition another picture.

    With W processes, batch b of process r is the (b W + r)-th slice of the epoch's order, so W processes
    with batch B see the images that one process with batch W B would see at the same step. Lightning calls
    `set_epoch`.

    Args:
        size: number of images.
        batch_size: per process.
        seed: of the order.
        place: this process, and where it begins.
        length: images of an epoch; beyond `size`, the images come again in a fresh order. None is once each.
        stream: orders of different streams are independent of one another.
        blocks: how many images follow one another in each shard (`Images.blocks`); then `TOGETHER` shards, in random
            order, are shuffled together before the next ones. None shuffles all images.

    Raises:
        SettingError: a batch size below one.
    """

    def __init__(
        self,
        size: int,
        batch_size: int,
        seed: int,
        place: Place = ALONE,
        length: int | None = None,
        stream: int = 0,
        blocks: Sequence[int] | None = None,
    ) -> None:
        within("dataset.batch_size", Count, batch_size)
        self.blocks = blocks
        self.size, self.batch_size, self.seed = size, batch_size, seed
        self.place = place
        self.length, self.stream = max(length or size, batch_size * place.world_size), stream
        self.epoch = place.epoch

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order the next iteration yields."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.length // (self.batch_size * self.place.world_size)

    def __iter__(self) -> Iterator[Draw]:
        # The counter's last word sets streams so far apart that none runs into another.
        bits = np.random.Philox(key=[self.seed, self.epoch], counter=[0, 0, 0, self.stream])
        random = np.random.Generator(bits)
        passes = -(-self.length // self.size)
        order = np.concatenate([self._all_once(random) for _ in range(passes)])
        rank, world_size, begun, seen = self.place
        seeds = random.integers(2**31, size=(len(self), world_size))
        for b in range(seen if self.epoch == begun else 0, len(self)):
            start = (b * world_size + rank) * self.batch_size
            yield Draw(order[start : start + self.batch_size].tolist(), int(seeds[b, rank]))

    def _all_once(self, random: np.random.Generator) -> NDArray[np.int64]:
        """Every image once, in an order of its own."""
        if self.blocks is None:
            return random.permutation(self.size)
        ends = np.cumsum(self.blocks)
        shards = random.permutation(len(ends))
        together = [shards[i : i + TOGETHER] for i in range(0, len(shards), TOGETHER)]
        images = [np.concatenate([np.arange(ends[i] - self.blocks[i], ends[i]) for i in group]) for group in together]
        return np.concatenate([random.permutation(group) for group in images])


@final
class TwoOrders(Sampler[tuple[Draw, Draw]]):
    """Batches of two domains, each in an order of its own; an epoch is as long as the longer one takes.

    Args:
        sizes: number of images of a and of b.
        batch_size, seed, place: as for `EpochBatches`.

    Raises:
        SettingError: a batch size below one.
    """

    def __init__(self, sizes: tuple[int, int], batch_size: int, seed: int, place: Place = ALONE) -> None:
        self.orders = [
            EpochBatches(size, batch_size, seed, place, max(sizes), stream) for stream, size in enumerate(sizes)
        ]

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose orders the next iteration yields."""
        for order in self.orders:
            order.set_epoch(epoch)

    def __len__(self) -> int:
        return len(self.orders[0])

    def __iter__(self) -> Iterator[tuple[Draw, Draw]]:
        return zip(*self.orders, strict=True)


def place(trainer: L.Trainer | None) -> Place:
    """Which process of how many this is, and where in training it begins; without a trainer the only one, at the start.

    A data module hands this to its order of batches, so that processes share the images and a resumed run goes on.
    """
    if trainer is None:
        return ALONE
    # Restored from the checkpoint before the training data are asked for.
    seen = trainer.fit_loop.epoch_loop.batch_progress.current.processed  # type: ignore[attr-defined]
    return Place(trainer.global_rank, trainer.world_size, trainer.current_epoch, seen)


def share(count: int, place: Place, what: str) -> Tensor:
    """This process's exact share (n,) of the numbers 0 ... count - 1: each number belongs to exactly one process.

    Raises:
        SettingError: there are more processes than numbers; `what` names the setting behind `count`.
    """
    if count < place.world_size:
        raise SettingError(f"{what}: {count} for {place.world_size} processes; each needs at least one to score")
    return torch.arange(count)[place.rank :: place.world_size]
