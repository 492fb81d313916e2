"""What processes with different shares of the samples come to, in every score, without any training.

Processes are forked from a server that has imported torch, and meet through gloo.
"""

import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from extractors import Brightest, Linear, LinearSampler
from runs import finished
from torch import Tensor
from torchmetrics.utilities.prints import rank_zero_only

from gan_lightning.batch import Generated, Route, Translation
from gan_lightning.data import (
    Expressions,
    Fake,
    ImageData,
    PointData,
    Ring,
    SequenceData,
    Sides,
    SidesSource,
    TensorImages,
    UnpairedData,
)
from gan_lightning.metrics import (
    Authenticity,
    ClassAccuracy,
    ClassDivergence,
    ClassesReached,
    ClassificationAccuracy,
    Copied,
    CopyingTest,
    Coverage,
    Density,
    FrechetInfinity,
    GenerationScores,
    IntraFrechet,
    KernelDistance,
    MemorisationFrechet,
    ModeScores,
    NearestRatio,
    NoScores,
    PathLengthW,
    PathLengthZ,
    Precision,
    Recall,
    Score,
    Scores,
    SequenceScores,
    SimilarityWithinClasses,
    TranslationScores,
)
from gan_lightning.metrics.scores import sliced_wasserstein
from gan_lightning.metrics.scores.attributes import AttributeAgreement
from gan_lightning.metrics.scores.captions import Agreement, CaptionAccuracy

SAMPLES = 25


class Brightness:
    """Stands where a fitted classifier does: sees whether an image is bright, and whether it is red."""

    def to(self, device: torch.device) -> None:
        """It has nothing to move."""

    def attributes(self, image: Tensor) -> dict[str, Tensor]:
        mean = image.float().mean((2, 3))
        return {"bright": (mean.mean(1) > 127).long(), "red": (mean[:, 0] > mean[:, 2]).long()}


class Guessing(LinearSampler):
    """Also a model of sequences, which gives every token the same probability."""

    def nll(self, token: Tensor) -> tuple[Tensor, Tensor]:
        return torch.tensor(2.0 * token.numel()), torch.tensor(token.numel())


def images(n: int, seed: int) -> Tensor:
    """Random ones (n, 3, 16, 16) in [-1, 1]."""
    random = torch.Generator().manual_seed(seed)
    return torch.rand(n, 3, 16, 16, generator=random) * torch.rand(n, 3, 1, 1, generator=random) * 2 - 1


class Brought(SidesSource):
    """Random pictures with true translations."""

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        made = (((images(SAMPLES, seed) + 1) * 127.5).to(torch.uint8) for seed in range(4))
        return Sides(*(TensorImages(part, {}, None, []) for part in made), paired=False)


def share(rank: int, world_size: int) -> list[Tensor]:
    """The numbers of a process's samples, in batches: unequal in count and size, and the last process has none."""
    busy = max(1, world_size - 1)
    numbers = torch.arange(SAMPLES)
    mine = numbers[(numbers * numbers) % busy == rank] if rank < busy else numbers[:0]
    return list(mine.split(rank + 2)) if len(mine) else []


def translations(numbers: Tensor) -> Iterator[Translation]:
    for direction, seed in (("a2b", 0), ("b2a", 1)):
        source, target, output = (images(SAMPLES, seed + more)[numbers] for more in (0, 2, 10))
        yield Translation(Route.named(direction), numbers, source, output, target, output.flip(3))


def others() -> dict[str, Score]:
    """Scores that share what they gather."""
    overlap = {"precision": Precision(3), "recall": Recall(2), "density": Density(5), "coverage": Coverage(5)}
    copies = {"nn_ratio": NearestRatio(), "copied": Copied(0.2), "authenticity": Authenticity(), "ct": CopyingTest(1)}
    classes = {"reached": ClassesReached(0.5), "kl": ClassDivergence(), "accuracy": ClassAccuracy()}
    more = {"mifid": MemorisationFrechet(0.1), "infinity": FrechetInfinity(2), "intra": IntraFrechet()}
    paths = {"ppl_z": PathLengthZ(9, 0.01), "ppl_w": PathLengthW(9, 0.01)}
    pixels = {"ms_ssim": SimilarityWithinClasses(3), "cas": ClassificationAccuracy(128, 0)}
    return {**overlap, **copies, **classes, **more, **paths, **pixels}


@patch.object(sliced_wasserstein, "PATCHES", 256)  # so that it is quick
def work(cache: str, batches: list[Tensor]) -> dict[str, dict[str, Any]]:
    """All scores, of this process's batches of numbers, by the name of what computes them."""
    device = torch.device("cpu")
    data = ImageData(Fake(40, 3, 2), resolution=16, batch_size=4, num_fake=SAMPLES, seed=0)
    unpaired = UnpairedData(Brought(), resolution=16, batch_size=2, seed=0)
    ring = Ring()
    every: dict[str, tuple[Scores, Any]] = {
        "noise": (GenerationScores(cache, "train", 3, SAMPLES, None, extractor=Linear()), data),
        "kid": (GenerationScores(cache, "train", 1, SAMPLES, None, {"kid": KernelDistance(3, 8)}, Linear()), data),
        "swd": (GenerationScores(cache, "train", 1, SAMPLES, None), data),
        "others": (GenerationScores(cache, "train", 1, SAMPLES, None, others(), Brightest()), data),
        "modes": (ModeScores(SAMPLES, 1, "modes"), PointData(ring, 64, 4, SAMPLES, seed=0)),
        "unpaired": (TranslationScores(cache, "test", None, extractor=Linear()), unpaired),
        "sequences": (SequenceScores(SAMPLES), SequenceData(Expressions(7, 100), 4, SAMPLES, seed=0)),
        "none": (NoScores(1), data),
    }
    answers = {
        "modes": ring.sample(SAMPLES, seed=1)[0][:, :, None, None],
        "sequences": torch.cat([Expressions(7, 20, seed=5).load("train"), torch.arange(35).view(5, 7) % 8]),
    }
    drawn = images(SAMPLES, 5)
    found: dict[str, dict[str, Any]] = {}
    for name, (scores, of) in every.items():
        scores.prepare(of)
        for _ in range(2):  # a second validation forgets the first
            scores.reset(device)
            for numbers in batches:
                if name == "unpaired":
                    for sample in translations(numbers):
                        scores.update(sample)
                else:
                    image = answers.get(name, drawn)[numbers]
                    scores.update(Generated(numbers, image, torch.zeros(len(numbers), dtype=torch.long)))
            scores.sample_from(Guessing())
            found[name] = scores.compute()
    classifier: Any = Brightness()
    truth = {name: torch.arange(SAMPLES) % 2 for name in ("bright", "red")}
    agreement = AttributeAgreement(classifier, truth, "red")
    agreement.reset(device)
    for numbers in batches:
        agreement.update(numbers, *(((images(SAMPLES, s)[numbers] + 1) * 127.5).to(torch.uint8) for s in (5, 6)))
    found["attributes"] = agreement.compute()[0]
    found["captions"] = _captions(batches)
    return found


def _captions(batches: list[Tensor]) -> dict[str, Any]:
    """The shares of captions that are followed, without a classifier, which would have to be fitted."""
    score = CaptionAccuracy(unseen=False)
    score.names, score.own = ["hair", "mouth"], []
    score.counts = Agreement(2)
    score.reset(torch.device("cpu"))
    for numbers in batches:
        said = torch.stack([numbers % 3, numbers % 4], 1) - 1  # every third and every fourth says nothing
        score.counts.update(said, torch.stack([numbers % 2, numbers % 5], 1))
    return {"seen": score.compute(), **score.detail["by_option"]}


def _member(rank: int, world_size: int, folder: str) -> None:
    rank_zero_only.rank = rank  # torchmetrics read it from LOCAL_RANK when the server imported it
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.distributed.init_process_group(
            "gloo", f"file://{folder}/meet-{world_size}", timedelta(seconds=100), world_size, rank
        )
        found = work(f"{folder}/cache", share(rank, world_size))
        torch.distributed.destroy_process_group()
    torch.save(found, Path(folder, f"{world_size}-{rank}.pt"))


def together(world_size: int, folder: Path) -> list[dict[str, dict[str, Any]]]:
    """What each of so many processes found."""
    finished(_member, [(rank, world_size, str(folder)) for rank in range(world_size)])
    return [torch.load(folder / f"{world_size}-{rank}.pt", weights_only=True) for rank in range(world_size)]
