"""Made-up pictures of two domains, bad translations of them, and their scores."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_lightning.batch import Translation
from gan_lightning.data import FakeSides, Images, PairedData, Sides, SidesSource, TensorImages, UnpairedData
from gan_lightning.metrics import Extractor, TranslationScores


class Brought(SidesSource):
    """The test's own pictures: those of a are dark, those of b bright, and every split has others."""

    def __init__(self, n: int, channels: tuple[int, int] = (3, 3), truth: bool = True) -> None:
        self.n, self.channels, self.truth = n, channels, truth

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        random = torch.Generator().manual_seed(sum(split.encode()))
        dark, bright = (0, 128), (100, 256)

        def pictures(channels: int, shades: tuple[int, int]) -> TensorImages:
            shape = (self.n, channels, *size)
            return TensorImages(torch.randint(*shades, shape, dtype=torch.uint8, generator=random), {}, None, [])

        a, b = pictures(self.channels[0], dark), pictures(self.channels[1], bright)
        if not self.truth:
            return Sides(a, b, None, None, paired=False)
        return Sides(a, b, pictures(self.channels[1], bright), pictures(self.channels[0], dark), paired=False)


def both_ways(source: SidesSource, resolution: int = 16) -> UnpairedData:
    return UnpairedData(source, resolution=resolution, batch_size=2, seed=0)


def one_way(direction: str, channels: tuple[int, int] = (3, 3)) -> PairedData:
    source = FakeSides(12, *channels, paired=True)
    return PairedData(source, resolution=16, batch_size=2, seed=0, direction=direction)


def prepared(
    tmp_path: Path,
    data: UnpairedData | PairedData,
    extractor: Extractor | None = None,
    split: str = "test",
    monitor: str | None = None,
) -> TranslationScores:
    scores = TranslationScores(str(tmp_path), split, monitor, extractor=extractor)
    assert scores.prepare(data)
    return scores


def real(images: Images) -> Tensor:
    """All pictures, in [-1, 1]."""
    return images.pixels(list(range(len(images)))).float() / 127.5 - 1


def blurred(image: Tensor) -> Tensor:
    """What a bad translator might make of it; not all of it can be held in 8 bits, or in [-1, 1]."""
    random = torch.Generator().manual_seed(1)
    return image * 1.1 + 0.3 * torch.randn(image.shape, generator=random)


def answers(data: UnpairedData | PairedData) -> dict[str, Translation]:
    """By direction, a bad translation of every held-out picture, and a bad way back."""
    found = {}
    for held in data.examples(10_000):
        output = blurred(real(data.sides("test").b if held.route.name == "a2b" else data.sides("test").a))
        output = output if held.target is None else blurred(held.target)
        back = None if isinstance(data, PairedData) else blurred(held.source)
        found[held.route.name] = Translation(held.route, held.number, held.source, output, held.target, back)
    return found


def parts(sample: Translation, batch: int) -> list[Translation]:
    columns = [
        [None] * len(sample.number) if column is None else column.split(batch)
        for column in (sample.number, sample.source, sample.output, sample.target, sample.back)
    ]
    return [Translation(sample.route, *row) for row in zip(*columns, strict=False)]


def scored(scores: TranslationScores, samples: dict[str, Translation], batch: int = 5) -> dict[str, float]:
    scores.reset(torch.device("cpu"))
    for sample in samples.values():
        for part in parts(sample, batch):
            scores.update(part)
    values = scores.compute()
    assert list(values) == scores.names
    return values


def as_read(image: Tensor) -> np.ndarray:
    """A picture after it was written to a file of 8 bits and read again."""
    levels = np.clip(np.rint((image.double().numpy() + 1) * 127.5), 0, 255)
    return levels / 127.5 - 1
