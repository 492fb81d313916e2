"""Langevin sampling: on Gaussians of one dimension, where everything is known in closed form."""

import pytest
import torch
from known_ratio import MEAN, STD, drawn

from gan_lightning.sampling.langevin import Langevin, langevin_step, log_acceptance


def test_langevin_reaches_the_data_and_says_how_good_its_steps_are():
    sampler = Langevin(calibration=1, steps=50, step_size=0.1)
    x = drawn(sampler, 1500)
    # The exact chain has these moments; steps that are not corrected widen them by 1 / (1 - step / (4 std^2)).
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.04)
    assert float(x.var()) == pytest.approx(STD**2 / (1 - 0.1 / (4 * STD**2)), rel=0.12)
    assert 0.8 < sampler.accepted / sampler.asked < 1
    assert "would pass a Metropolis-Hastings test" in sampler.report()


def test_langevin_stays_with_the_prior_where_the_discriminator_knows_nothing():
    x = drawn(Langevin(calibration=1, steps=40, step_size=0.1), 1500, score=lambda x: 0 * x)
    assert float(x.mean()) == pytest.approx(0, abs=0.08)
    assert float(x.var()) == pytest.approx(1 / (1 - 0.1 / 4), rel=0.12)


def test_steps_that_are_not_corrected_have_the_known_variance_and_acceptance():
    """u - h/2 u + sqrt(h) n on N(0, 1) is stationary at variance 1 / (1 - h/4); for h near 0 all steps pass."""
    random, h = torch.Generator().manual_seed(0), 1.0
    u = torch.randn(20_000, 1, generator=random)
    for _ in range(30):
        u = langevin_step(u, u, torch.randn(u.shape, generator=random), h)
    assert float(u.var()) == pytest.approx(1 / (1 - h / 4), rel=0.03)
    for step_size, low, high in ((1e-4, 0.9999, 1.0), (1.0, 0.7, 0.97)):
        moved = langevin_step(u, u, torch.randn(u.shape, generator=random), step_size)
        here, there = ((x.square().sum(1) / 2, x) for x in (u, moved))
        assert low < float(log_acceptance(u, here, moved, there, step_size).clamp_max(0).exp().mean()) <= high
