"""The variational autoencoder of a linear model, whose likelihood is known."""

import math

import pytest
import torch
from linear import Linear, LinearMean

from gan_lightning.losses import Gaussian
from gan_lightning.models import VAE, Constant, GeneratorOptimisation


def test_a_linear_vae_reaches_the_likelihood_of_probabilistic_pca():
    """Tipping and Bishop 1999, for a given sigma: W = U (Lambda - sigma^2)^(1/2). There the bound is exact."""
    torch.manual_seed(0)
    sigma, data = 0.5, torch.randn(500, 2) @ torch.randn(2, 6) + 0.5 * torch.randn(500, 6) + 1
    values, vectors = torch.linalg.eigh(data.T.cov(correction=0).double())
    root = vectors[:, -2:] * (values[-2:] - sigma**2).sqrt()
    model_covariance = root @ root.T + sigma**2 * torch.eye(6, dtype=torch.float64)
    density = torch.distributions.MultivariateNormal(data.double().mean(0), model_covariance)
    best = density.log_prob(data.double()).mean().item()

    optimisation = GeneratorOptimisation(schedule=Constant(), generator=torch.optim.Adam)
    model = VAE(Linear(), LinearMean, Gaussian(sigma), optimisation, {}, 0)
    optimizer = torch.optim.Adam(model.players["generator"].parameters(), lr=0.05)
    images, label = data[:, :, None, None], torch.zeros(500)
    bounds = []
    for step in range(600):
        for group in optimizer.param_groups:
            group["lr"] = 0.05 * (1 - step / 600)
        optimizer.zero_grad()
        loss = model.loss(images, label)
        loss.backward()
        optimizer.step()
        bounds.append(-loss.item() - 6 * math.log(sigma * math.sqrt(2 * math.pi)))
    assert sum(bounds[-100:]) / 100 == pytest.approx(best, abs=0.02)
    assert sum(bounds[:20]) / 20 < best - 1
