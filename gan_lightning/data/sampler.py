"""The order of training batches: a pure function of seed and epoch, split exactly over processes."""

from collections.abc import Iterator

import numpy as np
from torch.utils.data import Sampler

from gan_lightning.data.contracts import Draw
from gan_lightning.errors import SettingError


class EpochBatches(Sampler[Draw]):
    """Shuffled batches without repetition; what does not fill a batch on every process is left out.

    With W processes, batch b of process r is the (b W + r)-th slice of the epoch's permutation, so W
    processes with batch B see the images that one process with batch W B would see at the same step.
    Lightning calls `set_epoch`.

    Raises:
        SettingError: the batches of all processes together exceed the data.
    """

    def __init__(self, size: int, batch_size: int, seed: int, rank: int = 0, world_size: int = 1) -> None:
        if not 1 <= batch_size * world_size <= size:
            raise SettingError(
                f"dataset.batch_size={batch_size} on {world_size} process(es): allowed are 1 to "
                f"{size // world_size}, because the data set has {size} training images"
            )
        self.size, self.batch_size, self.seed = size, batch_size, seed
        self.rank, self.world_size = rank, world_size
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order the next iteration yields."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.size // (self.batch_size * self.world_size)

    def __iter__(self) -> Iterator[Draw]:
        random = np.random.Generator(np.random.Philox(key=[self.seed, self.epoch]))
        order = random.permutation(self.size)
        seeds = random.integers(2**31, size=(len(self), self.world_size))
        for b in range(len(self)):
            start = (b * self.world_size + self.rank) * self.batch_size
            yield Draw(order[start : start + self.batch_size].tolist(), int(seeds[b, self.rank]))
