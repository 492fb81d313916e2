"""Distances that are the logarithms of densities, against torch's distributions."""

import math

import pytest
import torch

from gan_lightning.losses import Bernoulli, Gaussian


def test_reconstructions_are_densities_but_for_a_constant_and_summed_over_pixels():
    output, target = torch.rand(2, 4, 3, 5, 5, dtype=torch.float64) * 1.8 - 0.9
    log_p = torch.distributions.Normal(output, 0.3).log_prob(target).flatten(1).sum(1)
    constant = 75 * math.log(0.3 * math.sqrt(2 * math.pi))
    assert Gaussian(0.3)(output, target).item() == pytest.approx(-log_p.mean().item() - constant)
    white = (target + 1) / 2
    p = torch.distributions.Bernoulli((output + 1) / 2, validate_args=False)
    assert Bernoulli()(output, target).item() == pytest.approx(-p.log_prob(white).flatten(1).sum(1).mean().item(), 1e-5)
    sure = torch.ones(1, 1, 1, 1, requires_grad=True)
    Bernoulli()(sure, -torch.ones(1, 1, 1, 1)).backward()
    assert torch.isfinite(sure.grad).all()
