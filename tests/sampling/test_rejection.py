"""Rejection sampling: on Gaussians of one dimension, where everything is known in closed form."""

import pytest
import torch
from known_ratio import MEAN, STD, drawn

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.sampling import rejection
from gan_lightning.sampling.rejection import Rejection, log_odds_of_acceptance

BOUND = 2 / 3 + torch.tensor(2.0).log().item()  # of log p - log q, at x = 4/3


def test_rejection_follows_the_data_and_accepts_one_of_m():
    sampler = Rejection(calibration=1, percentile=None, most=1000)
    x = drawn(sampler)
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.03)
    assert float(x.std()) == pytest.approx(STD, abs=0.03)
    assert sampler.accepted / sampler.asked == pytest.approx(torch.tensor(-BOUND).exp().item(), abs=0.015)  # 0.2567
    assert " proposals accepted" in sampler.report()


def test_a_low_percentile_accepts_more_and_lies_between_generator_and_data():
    sampler = Rejection(calibration=1, percentile=30, most=1000)
    x = drawn(sampler, 1000)
    assert sampler.accepted / sampler.asked > 0.5
    assert 0.2 < float(x.mean()) < 0.9


def test_the_odds_of_acceptance_are_those_of_the_paper():
    ratio = torch.tensor([-3.0, -1.0, -0.1])
    assert torch.allclose(log_odds_of_acceptance(ratio, 0.0).sigmoid(), ratio.exp())
    assert float(log_odds_of_acceptance(torch.tensor(5.0), 0.0).sigmoid()) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(("percentile", "most", "is_advised"), [(None, 1000, True), (99, 15, True), (80, 15, False)])
def test_a_hopeless_rejection_is_refused_before_sampling(percentile, most, is_advised):
    sampler = Rejection(calibration=1, percentile=percentile, most=most)
    with pytest.raises(SettingError, match=f"sampler.most={most}: about one of .* proposals") as caught:
        sampler.prepare(torch.tensor([30.0, 1.0]), torch.linspace(0, 1, 100))
    assert ("sampler.percentile=80" in str(caught.value)) == is_advised


@pytest.mark.parametrize(("percentile", "is_advised"), [(None, True), (80, False)])
def test_a_sample_without_any_accepted_proposal_ends_with_a_sentence(monkeypatch, percentile, is_advised):
    monkeypatch.setattr(rejection, "uniform_at", lambda _, number: torch.ones(len(number)))  # which accepts nothing
    with pytest.raises(FaultError, match=r"sampler.most=100: of so many proposals") as caught:
        drawn(Rejection(calibration=1, percentile=percentile, most=100), 10)
    assert ("sampler.percentile=80" in str(caught.value)) == is_advised
