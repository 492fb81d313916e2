"""Two domains whose pictures say which ones they are, and the data modules of them."""

from unittest.mock import Mock

import torch
from torch import Tensor

from gan_lightning.data import PairedData, Sides, SidesSource, TensorImages, UnpairedData


class Numbered(SidesSource):
    """The value of all pixels says which picture they are from: i in a, 100 + i in b."""

    def __init__(self, counts: dict[str, tuple[int, int]], channels: tuple[int, int] = (3, 1), paired: bool = False):
        self.counts, self.channels, self.paired = counts, channels, paired
        self.loads: list[tuple[str, tuple[int, int]]] = []

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        self.loads.append((split, size))
        a, b = (
            TensorImages(
                (torch.arange(count) + start).to(torch.uint8)[:, None, None, None].expand(-1, channels, *size),
                {},
                None,
                [],
            )
            for count, channels, start in zip(self.counts[split], self.channels, (0, 100), strict=True)
        )
        return Sides(a, b, b, a, True) if self.paired else Sides(a, b, None, None, False)


class Positions(SidesSource):
    """Pairs whose first channel is the row and whose second is the column; b has two more constant channels."""

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        rows, columns = torch.meshgrid(torch.arange(size[0]), torch.arange(size[1]), indexing="ij")
        a = torch.stack([rows, columns]).to(torch.uint8).expand(64, -1, -1, -1)
        b = torch.cat([a, torch.full((64, 2, *size), 7, dtype=torch.uint8)], 1)
        a, b = (TensorImages(images, {}, None, []) for images in (a, b))
        return Sides(a, b, b, a, True)


def paired(source: SidesSource, **settings: object) -> PairedData:
    return PairedData(source, **{"resolution": 16, "batch_size": 4, "seed": 0, **settings})


def unpaired(source: SidesSource, **settings: object) -> UnpairedData:
    return UnpairedData(source, **{"resolution": 16, "batch_size": 4, "seed": 0, **settings})


def numbers(image: Tensor) -> list[int]:
    """Which picture each of a batch (B, C, H, W) is, as `Numbered` says it."""
    return [round(value) for value in ((image[:, 0, 0, 0] + 1) * 127.5).tolist()]


def at(data: PairedData | UnpairedData, rank: int, world_size: int) -> PairedData | UnpairedData:
    data.trainer = Mock(global_rank=rank, world_size=world_size, current_epoch=0)
    data.trainer.fit_loop.epoch_loop.batch_progress.current.processed = 0
    return data
