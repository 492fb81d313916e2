"""Scores that gather the rows of all samples: these are gathered once, and made use of once."""

from pathlib import Path

import torch
from extractors import Linear
from torch import Tensor

from gan_lightning.data import TensorImages
from gan_lightning.metrics import RealSide
from gan_lightning.metrics.score import GatheredScore


class MeanOfFirst(GatheredScore):
    """The mean of the first feature over the first samples; it says how often it was worked out."""

    needs = "features"
    higher_is_better = True

    def __init__(self, most: float, made: list[int]) -> None:
        self.most, self.made = most, made

    def value(self, rows: Tensor) -> float:
        return self.once(f"mean of {self.most}", lambda: self.made.append(len(rows)) or float(rows[:, 0].mean()))


def side(folder: Path) -> RealSide:
    images = TensorImages(torch.zeros(5, 3, 16, 16, dtype=torch.uint8), {}, None, [])
    return RealSide(images, Linear(), 7, folder, num_workers=0, alone=True)


def shown(scores: list[MeanOfFirst], rows: Tensor) -> list[float]:
    """What each score is after samples in an order of their own, in two batches."""
    for score in scores:
        score.reset(torch.device("cpu"))
    for number in torch.randperm(len(rows), generator=torch.Generator().manual_seed(0)).split(4):
        for score in scores:
            score.update(number, rows[number])
    return [score.compute() for score in scores]


def test_scores_of_one_side_gather_the_rows_once_and_remember_what_is_made_of_them(tmp_path):
    real, made = side(tmp_path), []
    scores = [MeanOfFirst(7, made), MeanOfFirst(7, made)]
    for score in scores:
        score.begin(real)
    assert [score.collects for score in scores] == [True, False]
    rows = torch.arange(42.0).view(7, 6)
    assert shown(scores, rows) == [18, 18]
    assert made == [7]  # for both
    assert shown(scores, rows + 1) == [19, 19]  # other samples, so it is made again
    assert made == [7, 7]


def test_each_score_looks_at_the_first_samples_that_it_asks_for_whoever_gathers_them(tmp_path):
    real = side(tmp_path)
    few, more = MeanOfFirst(2, []), MeanOfFirst(5, [])
    for score in (few, more):
        score.begin(real)
    assert shown([few, more], torch.arange(42.0).view(7, 6)) == [3, 12]  # of rows 0 and 1, and of rows 0 to 4
    assert len(real.shared.gathered["features"].compute()) == 5


def test_scores_of_different_sides_share_nothing(tmp_path):
    made: list[int] = []
    scores = [MeanOfFirst(7, made), MeanOfFirst(7, made)]
    for score in scores:
        score.begin(side(tmp_path))
    assert shown(scores, torch.arange(42.0).view(7, 6)) == [18, 18]
    assert made == [7, 7]
