"""The plain autoencoder of a linear model, whose best reconstruction is known, and where its samples come from."""

import pytest
import torch
from linear import Linear, LinearCode

from gan_lightning.losses import L2
from gan_lightning.models import Autoencoder, Constant, GeneratorOptimisation


def autoencoder() -> Autoencoder:
    torch.manual_seed(0)
    optimisation = GeneratorOptimisation(schedule=Constant(), generator=torch.optim.Adam)
    return Autoencoder(Linear(), LinearCode, L2(weight=1.0), optimisation, {}, 0)


def test_a_linear_autoencoder_loses_what_is_outside_of_the_principal_components() -> None:
    """Baldi and Hornik 1989: at best, the sum of the variances along the other directions."""
    model = autoencoder()
    data = torch.randn(500, 2) @ torch.randn(2, 6) + 0.5 * torch.randn(500, 6) + 1
    best = torch.linalg.eigvalsh(data.T.cov(correction=0))[:4].sum().item() / 6
    images, label = data[:, :, None, None], torch.zeros(500)
    optimizer = torch.optim.Adam(model.players["generator"].parameters(), lr=0.02)
    for _ in range(400):
        optimizer.zero_grad()
        loss = model.loss(images, label)
        loss.backward()
        optimizer.step()
    assert loss.item() == pytest.approx(best, rel=0.02)


def test_noise_becomes_a_code_of_the_distribution_that_was_fitted_in_training() -> None:
    model = autoencoder()
    images, label, z = torch.randn(64, 6, 1, 1), torch.zeros(64), torch.randn(5, 2)
    model.loss(images, label)
    codes = model.encoder(images, label).detach()
    torch.testing.assert_close(model.fitted.mean, codes.mean(0))
    torch.testing.assert_close(model.map(z, torch.zeros(5)), model.fitted(z))
    assert not torch.allclose(model.map(z, torch.zeros(5)), z, atol=0.05)
