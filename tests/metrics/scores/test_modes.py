"""Mode coverage against NumPy and closed forms, and where it is refused."""

import json
import math

import numpy as np
import pytest
import torch
from scipy.stats import chi2, entropy
from torch import Tensor

from gan_lightning.batch import Generated
from gan_lightning.data import Fake, Grid, ImageData, Mixture, PointData, Ring
from gan_lightning.errors import SettingError
from gan_lightning.metrics import ClassifierExtractor, GenerationScores, InceptionExtractor, ModeScores

SHARE = 1 - math.exp(-4.5)  # of a round Gaussian in the plane, within three standard deviations


def points_of(mixture: Mixture) -> PointData:
    return PointData(mixture, num_train=100, batch_size=10, num_fake=10, seed=0)


def scored(mixture: Mixture, points: Tensor, batch: int = 300, min_samples: int = 1) -> tuple[dict[str, float], list]:
    """The scores of `points` (N, 2), and the samples of high quality at each mode."""
    scores = ModeScores(num_fake=len(points), min_samples=min_samples, monitor="modes")
    assert scores.prepare(points_of(mixture))
    scores.reset(torch.device("cpu"))
    for part in points.split(batch):
        number = torch.arange(len(part))
        scores.update(Generated(number, part[:, :, None, None], torch.zeros_like(number)))
    values = scores.compute()
    assert list(values) == scores.names
    return values, scores.detail["samples_at_mode"]


@pytest.mark.parametrize("mixture", [Ring(), Grid(), Ring(modes=3, radius=0.3, std=0.1)])
@pytest.mark.parametrize("spread", [1.0, 2.5])
def test_scores_equal_those_counted_one_by_one(mixture, spread):
    random = np.random.default_rng(0)
    centres = mixture.centres.numpy()
    chosen = centres[random.integers(len(centres) // 2 + 1, size=1000)]
    points = chosen + spread * mixture.std * random.standard_normal((1000, 2))
    counts = np.zeros(len(centres))
    for point in points:
        distances = np.sqrt(((centres - point) ** 2).sum(1))
        if distances.min() <= 3 * mixture.std:
            counts[distances.argmin()] += 1
    values, found = scored(mixture, torch.from_numpy(points), min_samples=5)
    assert 0 < counts.sum() < 1000  # so that each could fail
    assert found == counts.tolist()
    assert values["modes"] == (counts >= 5).sum()
    assert values["high_quality"] == pytest.approx(counts.sum() / 1000)
    ours = [*counts, 1000 - counts.sum()]
    theirs = [*np.full(len(centres), chi2(2).cdf(9) / len(centres)), chi2(2).sf(9)]
    assert values["reverse_kl"] == pytest.approx(entropy(ours, theirs))


def test_divergence_of_too_wide_modes_is_that_of_their_shares_and_below_that_of_the_distributions():
    values, _ = scored(Ring(), Ring(std=0.016).sample(50000, seed=1)[0])
    within = 1 - math.exp(-9 / 8)
    shares = within * math.log(within / SHARE) + (1 - within) * math.log((1 - within) / (1 - SHARE))
    assert values["reverse_kl"] == pytest.approx(shares, rel=0.02)
    whole = 2 * (math.log(1 / 2) + (2**2 - 1) / 2)  # between round Gaussians, one twice as wide
    assert values["reverse_kl"] < whole


@pytest.mark.parametrize("mixture", [Ring(), Grid()])
def test_the_mixture_itself_has_every_mode_and_the_share_of_three_sigma(mixture):
    n = 50000
    values, _ = scored(mixture, mixture.sample(n, seed=1)[0])
    assert values["modes"] == len(mixture.centres)
    assert values["high_quality"] == pytest.approx(SHARE, abs=4 * math.sqrt(SHARE * (1 - SHARE) / n))
    # Twice n times the divergence of K + 1 shares is chi-squared with K degrees of freedom.
    freedom = len(mixture.centres)
    assert 2 * n * values["reverse_kl"] == pytest.approx(freedom, abs=4 * math.sqrt(2 * freedom))


def test_a_collapsed_generator_has_one_mode():
    values, found = scored(Ring(), Ring().centres[3].expand(50, 2))
    assert values == pytest.approx({"modes": 1, "high_quality": 1, "reverse_kl": math.log(8 / SHARE)})
    assert found == [0, 0, 0, 50, 0, 0, 0, 0]


def test_half_of_the_modes_cost_the_logarithm_of_two():
    values, _ = scored(Ring(), Ring().centres[:4].repeat(5, 1))
    assert values == pytest.approx({"modes": 4, "high_quality": 1, "reverse_kl": math.log(2 / SHARE)})


@pytest.mark.parametrize("place", [0.0, math.nan])
def test_samples_of_no_quality_have_no_mode_and_the_divergence_of_the_tail(place):
    values, _ = scored(Ring(), torch.full((20, 2), place))
    assert values == pytest.approx({"modes": 0, "high_quality": 0, "reverse_kl": 4.5})


def test_a_mode_needs_as_many_samples_as_it_is_told():
    centres = Ring().centres
    points = torch.cat([centres[0].expand(3, 2), centres[1].expand(2, 2)])
    assert [scored(Ring(), points, min_samples=n)[0]["modes"] for n in (1, 2, 3, 4)] == [2, 2, 1, 0]


def test_earlier_samples_are_forgotten_and_the_batch_size_does_not_matter():
    scores = ModeScores(num_fake=10, min_samples=1, monitor="modes")
    scores.prepare(points_of(Grid()))
    points, mode = Grid().sample(500, seed=0)
    first = scored(Grid(), points, batch=500)
    assert scored(Grid(), points, batch=7) == first
    for _ in range(2):
        scores.reset(torch.device("cpu"))
        scores.update(Generated(mode, points[:, :, None, None], mode))
        assert (scores.compute(), scores.detail["samples_at_mode"]) == first


def test_protocol_is_plain_and_names_what_the_scores_depend_on():
    scores = ModeScores(num_fake=2500, min_samples=1, monitor="modes")
    scores.prepare(points_of(Grid()))
    expected = {"mixture": "Grid", "num_modes": 25, "std": 0.01, "reach_in_std": 3.0}
    assert json.loads(json.dumps(scores.protocol)) == expected | {"min_samples": 1, "num_fake": 2500}


def test_monitor_says_which_way_is_better():
    modes = {name: ModeScores(10, 1, name).mode for name in ("modes", "high_quality", "reverse_kl")}
    assert modes == {"modes": "max", "high_quality": "max", "reverse_kl": "min"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"monitor": "fid"}, "metrics.monitor=fid: allowed are modes, high_quality, reverse_kl"),
        ({"num_fake": 0}, "metrics.num_fake=0: a whole number from 1"),
        ({"min_samples": 0.5}, "metrics.min_samples=0.5: a whole number from 1"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(SettingError, match=message):
        ModeScores(**{"num_fake": 10, "min_samples": 1, "monitor": "modes", **settings})


def test_modes_of_images_are_refused():
    images = ImageData(Fake(20, 3, 2), resolution=16, batch_size=4, num_fake=10, seed=0)
    with pytest.raises(SettingError, match=r"metrics=modes: .*toy_ring.*holds images; choose metrics=classifier"):
        ModeScores(10, 1, "modes").prepare(images)


@pytest.mark.parametrize("build", [lambda cache: ClassifierExtractor(cache, 100, 0), lambda _: InceptionExtractor()])
def test_scores_of_images_refuse_points(tmp_path, build):
    extractor = build(str(tmp_path))
    scores = GenerationScores(str(tmp_path), "train", 1, 200, f"fid_{extractor.name}", extractor=extractor)
    with pytest.raises(SettingError, match=rf"metrics={extractor.name}: .*points.*metrics=modes"):
        scores.prepare(points_of(Ring()))
