"""What an encoder says of the latent: divergences and draws in closed form."""

import math

import pytest
import torch

from gan_lightning.models import DiagonalGaussian


def test_the_divergence_is_the_one_of_torch_distributions():
    assert DiagonalGaussian().divergence(torch.tensor([[0.0] * 6])).item() == 0
    assert DiagonalGaussian().divergence(torch.tensor([[1.0] * 3 + [0.0] * 3])).item() == 1.5
    encoded = torch.randn(5, 6, dtype=torch.float64)
    mean, log_variance = encoded.chunk(2, 1)
    posterior = torch.distributions.Normal(mean, (log_variance / 2).exp())
    prior = torch.distributions.Normal(torch.zeros(3, dtype=torch.float64), 1.0)
    expected = torch.distributions.kl_divergence(posterior, prior).sum(1)
    torch.testing.assert_close(DiagonalGaussian().divergence(encoded), expected)


def test_draws_have_the_mean_and_the_deviation_that_were_encoded():
    torch.manual_seed(0)
    encoded = torch.tensor([[2.0, -1.0, math.log(0.25), math.log(4.0)]]).expand(20_000, -1)
    z = DiagonalGaussian().draw(encoded)
    assert z.mean(0).tolist() == pytest.approx([2, -1], abs=0.05)
    assert z.std(0).tolist() == pytest.approx([0.5, 2], rel=0.03)
