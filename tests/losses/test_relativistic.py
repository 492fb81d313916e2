"""Relativistic objectives against the paper's equations, their slopes and their symmetries."""

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_lightning.losses import (
    AdversarialLoss,
    Hinge,
    LeastSquares,
    NonSaturating,
    RelativisticAverage,
    RelativisticPairing,
)

LOSSES = {
    "pairing": RelativisticPairing(),
    "average": RelativisticAverage(NonSaturating()),
    "average, least squares": RelativisticAverage(LeastSquares(a=-1, b=1, scale=1)),
    "average, hinge": RelativisticAverage(Hinge()),
}

every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@pytest.fixture(params=[(7, 1), (3, 1, 4, 2)], ids=["vector", "patch map"])
def logits(request: pytest.FixtureRequest) -> tuple[Tensor, Tensor]:
    """Real and fake logits."""
    draw = torch.Generator().manual_seed(0)
    real, fake = 2 * torch.randn(2, *request.param, generator=draw, dtype=torch.float64)
    return real.requires_grad_(), fake.requires_grad_()


def slopes(loss: AdversarialLoss, real: Tensor, fake: Tensor) -> list[np.ndarray]:
    """D's slopes in real and fake logits, times the number of logits."""
    return [slope.numpy() * real.numel() for slope in torch.autograd.grad(loss.discriminator(real, fake), (real, fake))]


def test_pairing_equals_the_papers_equation(logits: tuple[Tensor, Tensor]) -> None:
    real, fake = logits
    r, f = real.detach().numpy(), fake.detach().numpy()
    loss = RelativisticPairing()
    assert loss.discriminator(real, fake).item() == pytest.approx(-np.log(sigmoid(r - f)).mean(), rel=1e-12)
    of_real, of_fake = slopes(loss, real, fake)
    np.testing.assert_allclose(of_real, -sigmoid(f - r), rtol=1e-12)
    np.testing.assert_allclose(of_fake, sigmoid(f - r), rtol=1e-12)


def test_average_equals_the_papers_equation(logits: tuple[Tensor, Tensor]) -> None:
    real, fake = logits
    r, f = real.detach().numpy(), fake.detach().numpy()
    of_reals, of_fakes = sigmoid(r - f.mean()), sigmoid(f - r.mean())
    loss = RelativisticAverage(NonSaturating())
    value = -np.log(of_reals).mean() - np.log(1 - of_fakes).mean()
    assert loss.discriminator(real, fake).item() == pytest.approx(value, rel=1e-12)
    # A logit acts directly, and through its average on every difference of the other kind.
    of_real, of_fake = slopes(loss, real, fake)
    np.testing.assert_allclose(of_real, of_reals - 1 - of_fakes.mean(), rtol=1e-12)
    np.testing.assert_allclose(of_fake, of_fakes + (1 - of_reals).mean(), rtol=1e-12)


def test_average_of_least_squares_equals_the_papers_equation(logits: tuple[Tensor, Tensor]) -> None:
    real, fake = logits
    r, f = real.detach().numpy(), fake.detach().numpy()
    loss = LOSSES["average, least squares"]
    value = ((r - f.mean() - 1) ** 2).mean() + ((f - r.mean() + 1) ** 2).mean()
    assert loss.discriminator(real, fake).item() == pytest.approx(value, rel=1e-12)
    of_real, of_fake = slopes(loss, real, fake)
    gap = r.mean() - f.mean() - 1
    np.testing.assert_allclose(of_real, 2 * (r - f.mean() - 1) + 2 * gap, rtol=1e-12)
    np.testing.assert_allclose(of_fake, 2 * (f - r.mean() + 1) - 2 * gap, rtol=1e-12)


def test_average_of_hinge_equals_the_papers_equation(logits: tuple[Tensor, Tensor]) -> None:
    real, fake = logits
    r, f = real.detach().numpy(), fake.detach().numpy()
    loss = LOSSES["average, hinge"]
    value = np.maximum(0, 1 - (r - f.mean())).mean() + np.maximum(0, 1 + (f - r.mean())).mean()
    assert loss.discriminator(real, fake).item() == pytest.approx(value, rel=1e-12)
    of_real, of_fake = slopes(loss, real, fake)
    inside_real, inside_fake = (r - f.mean() < 1).astype(float), (f - r.mean() > -1).astype(float)
    np.testing.assert_allclose(of_real, -inside_real - inside_fake.mean(), rtol=1e-12)
    np.testing.assert_allclose(of_fake, inside_fake + inside_real.mean(), rtol=1e-12)


@every_loss
def test_a_shift_of_all_logits_changes_nothing(loss: AdversarialLoss, logits: tuple[Tensor, Tensor]) -> None:
    real, fake = logits
    for shift in (-7.0, 0.3, 100.0):
        moved = real + shift, fake + shift
        torch.testing.assert_close(loss.discriminator(*moved), loss.discriminator(real, fake))
        torch.testing.assert_close(loss.generator(moved[1], moved[0]), loss.generator(fake, real))
        for before, after in zip(slopes(loss, real, fake), slopes(loss, *moved), strict=True):
            np.testing.assert_allclose(before, after, atol=1e-12)
    assert sum(slope.sum() for slope in slopes(loss, real, fake)) == pytest.approx(0, abs=1e-12)


@every_loss
def test_the_generators_loss_is_the_discriminators_with_the_roles_swapped(
    loss: AdversarialLoss, logits: tuple[Tensor, Tensor]
) -> None:
    real, fake = logits
    assert loss.needs_real
    assert loss.generator(fake, real).item() == loss.discriminator(fake, real).item()
    (of_generator,) = torch.autograd.grad(loss.generator(fake, real.detach()), fake)
    np.testing.assert_array_equal(of_generator.numpy() * fake.numel(), slopes(loss, fake, real)[0])
