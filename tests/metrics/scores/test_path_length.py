"""Path lengths of a generator that is linear, whose length along each path is known."""

from pathlib import Path
from typing import Any

import pytest
import torch
from extractors import Linear, LinearSampler
from torch import Tensor

from gan_lightning import distributed
from gan_lightning.data import Fake, ImageData
from gan_lightning.errors import SettingError
from gan_lightning.metrics import GenerationScores, PathLengthW, PathLengthZ
from gan_lightning.metrics.scores.path_length import SEED, on_great_circle

PAIRS = 150


def ends() -> tuple[Tensor, Tensor]:
    number = torch.arange(PAIRS)
    return LinearSampler().noise_at(2 * number, SEED), LinearSampler().noise_at(2 * number + 1, SEED)


def jacobian() -> Tensor:
    """Of the features by w, (5, 6)."""
    extractor = Linear()
    extractor.prepare(None, None)
    return LinearSampler().matrix @ extractor.matrix[:, :6] * 127.5 / 255


def scored(
    folder: Path,
    score: PathLengthZ | PathLengthW,
    extractor: Linear | None = None,
    sampler: LinearSampler | None = None,
) -> float:
    made = GenerationScores(str(folder), "train", 1, 20, None, {"ppl": score}, extractor or Linear())
    made.prepare(ImageData(Fake(20, 3, 2), resolution=16, batch_size=4, num_fake=20, seed=0))
    assert made.monitor is None
    made.reset(torch.device("cpu"))
    made.sample_from(sampler or LinearSampler())
    (value,) = made.compute().values()
    return value


def trimmed(lengths: Tensor) -> float:
    return float(lengths.sort().values[1:-1].mean())


@pytest.mark.parametrize("epsilon", [0.1, 0.01])
def test_length_in_w_is_that_of_the_line_whatever_the_step(tmp_path, epsilon):
    one, other = ends()
    expected = trimmed((2 * (other - one) @ jacobian()).square().sum(1))
    assert scored(tmp_path, PathLengthW(PAIRS, epsilon)) == pytest.approx(expected, rel=1e-3)


def test_length_in_z_is_that_of_the_curve_at_uniform_places(tmp_path):
    one, other = (end.double() for end in ends())
    t = torch.rand(PAIRS, 1, generator=torch.Generator().manual_seed(SEED)).double()

    def speed(t: Tensor) -> Tensor:
        return (on_great_circle(one, other, t + 1e-6) - on_great_circle(one, other, t - 1e-6)) / 2e-6

    expected = trimmed((2 * speed(t) @ jacobian().double()).square().sum(1))
    assert scored(tmp_path, PathLengthZ(PAIRS, 0.001)) == pytest.approx(expected, rel=0.002)
    assert trimmed((2 * speed(0 * t) @ jacobian().double()).square().sum(1)) != pytest.approx(expected, rel=0.01)


class NoisySampler(LinearSampler):
    """Adds noise that the network draws itself."""

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        return super().synthesise(w * (1 + torch.randn_like(w)), condition)


def test_noise_in_the_network_does_not_depend_on_the_number_of_processes(tmp_path, monkeypatch):
    alone = scored(tmp_path, PathLengthW(PAIRS, 0.01), sampler=NoisySampler())
    shares = [lambda values, rank=rank: values[rank::2] for rank in range(2)]
    sample = PathLengthW.sample_from

    def by_two(score: PathLengthW, sampler: Any) -> None:
        for share in shares:
            monkeypatch.setattr(distributed, "own_share", share)
            sample(score, sampler)

    monkeypatch.setattr(PathLengthW, "sample_from", by_two)
    assert scored(tmp_path, PathLengthW(PAIRS, 0.01), sampler=NoisySampler()) == pytest.approx(alone)


def test_great_circles_have_the_ends_asked_for_and_keep_their_length_between():
    one, other = torch.tensor([[3.0, 0.0, 0.0]]), torch.tensor([[1.0, 2.0, 2.0]])
    at = [on_great_circle(one, other, torch.tensor([[t]])) for t in (0.0, 0.3, 1.0)]
    torch.testing.assert_close(at[0], one)
    torch.testing.assert_close(at[2], other)
    assert at[1].norm() == pytest.approx(3)


def test_a_network_of_whole_grey_levels_is_refused(tmp_path):
    class Whole(Linear):
        takes_unrounded = False

    with pytest.raises(SettingError, match="ppl compares images that differ by less than a grey level"):
        scored(tmp_path, PathLengthW(4, 0.01), Whole())
