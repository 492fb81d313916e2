"""Chains of Metropolis and Hastings: on Gaussians of one dimension, where everything is known in closed form."""

from types import SimpleNamespace

import pytest
import torch
from known_ratio import MEAN, STD, drawn

from gan_lightning.sampling.metropolis_hastings import MetropolisHastings


def test_chains_of_metropolis_and_hastings_end_in_the_data():
    sampler = MetropolisHastings(calibration=1, steps=20)
    x = drawn(sampler, 2000)
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.05)
    assert float(x.std()) == pytest.approx(STD, abs=0.04)
    assert 0.2 < sampler.accepted / sampler.asked < 0.7


def test_a_chain_of_one_proposal_accepts_by_the_ratio():
    """From ratio 0, a proposal of log ratio log 1/4 is accepted one time in four; chains that stay run again."""
    sampler = MetropolisHastings(calibration=1, steps=1)
    quarter = torch.log(torch.tensor(0.25))
    sampler.task = SimpleNamespace(seed=0)
    sampler.target = SimpleNamespace(
        propose=lambda number, condition: torch.zeros(len(number), 1, 1, 1),
        log_ratio=lambda samples, condition: quarter.expand(len(samples)),
    )
    number = torch.arange(8000)
    _, moved = sampler._chain(number, number, torch.zeros(8000, 1, 1, 1), torch.zeros(8000, dtype=torch.float64))
    assert float(moved.double().mean()) == pytest.approx(0.25, abs=0.015)
