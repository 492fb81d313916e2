"""The order of training batches: a pure function of seed and epoch, split exactly over processes."""

from collections.abc import Iterator
from typing import final

import lightning.pytorch as L
import numpy as np
from torch.utils.data import Sampler

from gan_lightning.data.contracts import Draw
from gan_lightning.errors import SettingError


@final
class EpochBatches(Sampler[Draw]):
    """Shuffled batches without repetition; what does not fill a batch on every process is left out.

    With W processes, batch b of process r is the (b W + r)-th slice of the epoch's order, so W processes
    with batch B see the images that one process with batch W B would see at the same step. Lightning calls
    `set_epoch`.

    Args:
        size: number of images.
        batch_size: per process.
        seed: of the order.
        rank, world_size: this process, of how many.
        length: images of an epoch; beyond `size`, the images come again in a fresh order. None is once each.
        stream: orders of different streams are independent of one another.
        what: has these images, for messages.

    Raises:
        SettingError: the batches of all processes together exceed the data.
    """

    def __init__(
        self,
        size: int,
        batch_size: int,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
        length: int | None = None,
        stream: int = 0,
        what: str = "the data set",
    ) -> None:
        if not 1 <= batch_size * world_size <= size:
            raise SettingError(
                f"dataset.batch_size={batch_size} on {world_size} process(es): allowed are 1 to "
                f"{size // world_size}, because {what} has {size} training images"
            )
        self.size, self.batch_size, self.seed = size, batch_size, seed
        self.rank, self.world_size = rank, world_size
        self.length, self.stream = length or size, stream
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order the next iteration yields."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.length // (self.batch_size * self.world_size)

    def __iter__(self) -> Iterator[Draw]:
        # The counter's last word sets streams so far apart that none runs into another.
        bits = np.random.Philox(key=[self.seed, self.epoch], counter=[0, 0, 0, self.stream])
        random = np.random.Generator(bits)
        passes = -(-self.length // self.size)
        order = np.concatenate([random.permutation(self.size) for _ in range(passes)])
        seeds = random.integers(2**31, size=(len(self), self.world_size))
        for b in range(len(self)):
            start = (b * self.world_size + self.rank) * self.batch_size
            yield Draw(order[start : start + self.batch_size].tolist(), int(seeds[b, self.rank]))


@final
class TwoOrders(Sampler[tuple[Draw, Draw]]):
    """Batches of two domains, each in an order of its own; an epoch is as long as the longer one takes.

    Args:
        sizes: number of images of a and of b.
        batch_size, seed, rank, world_size: as for `EpochBatches`.

    Raises:
        SettingError: the batches of all processes together exceed a domain, which is named.
    """

    def __init__(self, sizes: tuple[int, int], batch_size: int, seed: int, rank: int = 0, world_size: int = 1) -> None:
        self.orders = [
            EpochBatches(size, batch_size, seed, rank, world_size, max(sizes), stream, f"side {name}")
            for stream, (name, size) in enumerate(zip("ab", sizes, strict=True))
        ]

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose orders the next iteration yields."""
        for order in self.orders:
            order.set_epoch(epoch)

    def __len__(self) -> int:
        return len(self.orders[0])

    def __iter__(self) -> Iterator[tuple[Draw, Draw]]:
        return zip(*self.orders, strict=True)


def place(trainer: L.Trainer | None) -> tuple[int, int]:
    """Rank and number of processes; outside of a trainer there is one process."""
    return (0, 1) if trainer is None else (trainer.global_rank, trainer.world_size)
