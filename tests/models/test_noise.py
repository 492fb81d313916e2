"""Truncated noise against scipy's truncated normal distribution."""

import pytest
import torch
from scipy import stats
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.models.noise import truncated


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("bound", [0.04, 0.7, 2.0])
def test_truncated_noise_is_from_the_truncated_normal_distribution(bound: float) -> None:
    whole = normal(200, 100)
    noise = truncated(whole, bound)
    assert noise.dtype == torch.float32
    assert noise.abs().max() <= bound
    expected = stats.truncnorm(-bound, bound).cdf
    assert stats.kstest(noise.flatten().double(), expected).pvalue > 0.01
    assert stats.kstest(whole.clamp(-bound, bound).flatten().double(), expected).pvalue < 1e-6


def test_a_bound_beyond_all_numbers_changes_nothing_and_a_small_one_keeps_their_order() -> None:
    noise = normal(1000)
    torch.testing.assert_close(truncated(noise, 20), noise)
    order = noise.argsort()
    assert (truncated(noise, 0.5)[order].diff() >= 0).all()
    assert torch.equal(truncated(noise, 0.5).sign(), noise.sign())


def test_far_tails_stay_within_the_bound() -> None:
    tails = torch.tensor([-40.0, -8.0, 8.0, 40.0])
    torch.testing.assert_close(truncated(tails, 0.7), torch.tensor([-0.7, -0.7, 0.7, 0.7]))
    assert truncated(tails, 12).isfinite().all()


@pytest.mark.parametrize("bound", [0, -0.7, float("inf"), float("nan")])
def test_a_bound_that_is_not_positive_and_finite_is_refused(bound: float) -> None:
    with pytest.raises(SettingError, match=f"truncation={bound}: a number above 0"):
        truncated(normal(3), bound)
