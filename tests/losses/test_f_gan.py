"""The f-GAN table, checked numerically: what a conjugate, an activation and an optimal T have to fulfil."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from torch import Tensor

from gan_lightning.losses import (
    FGAN,
    FDivergence,
    GANDivergence,
    JensenShannon,
    KullbackLeibler,
    Minimax,
    NonSaturating,
    PearsonChiSquared,
    ReverseKullbackLeibler,
    SquaredHellinger,
)

# Each divergence with the end of its conjugate's domain (table 2).
DOMAINS: dict[FDivergence, float] = {
    KullbackLeibler(): math.inf,
    ReverseKullbackLeibler(): 0,
    PearsonChiSquared(): math.inf,
    SquaredHellinger(): 1,
    JensenShannon(): math.log(2),
    GANDivergence(): 0,
}
RATIOS = torch.logspace(-3, 3, 61, dtype=torch.float64)
LOGITS = torch.linspace(-6, 6, 61, dtype=torch.float64)

every_divergence = pytest.mark.parametrize("divergence", DOMAINS, ids=lambda d: type(d).__name__)


def equal(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-9)


@every_divergence
def test_fenchels_equality(divergence: FDivergence) -> None:
    slope = divergence.derivative(RATIOS)
    equal(divergence.f(RATIOS) + divergence.conjugate(slope), RATIOS * slope)


@every_divergence
def test_the_derivative_is_that_of_f(divergence: FDivergence) -> None:
    u = RATIOS.clone().requires_grad_()
    (slope,) = torch.autograd.grad(divergence.f(u).sum(), u)
    equal(divergence.derivative(RATIOS), slope)


@every_divergence
def test_the_conjugate_is_the_largest_distance_below_a_line(divergence: FDivergence) -> None:
    # Pearson's f is taken over all real numbers, the others' over positive ones.
    lowest = -50 if isinstance(divergence, PearsonChiSquared) else 1e-9
    for t in divergence.activation(torch.linspace(-2, 2, 9, dtype=torch.float64)):
        found = minimize_scalar(
            lambda u, t=t: (divergence.f(torch.tensor(u, dtype=torch.float64)) - u * t).item(),
            bounds=(lowest, 100),
            method="bounded",
            options={"xatol": 1e-9},
        )
        assert divergence.conjugate(t).item() == pytest.approx(-found.fun, rel=1e-6, abs=1e-6)


@every_divergence
def test_the_activation_increases_into_the_domain_of_the_conjugate(divergence: FDivergence) -> None:
    t = divergence.activation(torch.linspace(-30, 30, 601, dtype=torch.float64))
    assert (t.diff() > 0).all()
    assert (t < DOMAINS[divergence]).all()
    assert divergence.conjugate(t).isfinite().all()


@every_divergence
def test_conjugate_and_activation_in_one_expression(divergence: FDivergence) -> None:
    equal(divergence.activated_conjugate(LOGITS), divergence.conjugate(divergence.activation(LOGITS)))


@every_divergence
def test_f_is_convex_and_the_divergence_of_equals_is_known(divergence: FDivergence) -> None:
    u = torch.linspace(0.01, 10, 1000, dtype=torch.float64)
    assert (divergence.f(u).diff().diff() > 0).all()
    at_one = -math.log(4) if isinstance(divergence, GANDivergence) else 0
    assert divergence.f(torch.ones(1, dtype=torch.float64)).item() == pytest.approx(at_one, abs=1e-15)


@every_divergence
def test_the_bound_is_tight_at_the_papers_optimal_t_and_only_there(divergence: FDivergence) -> None:
    p, q = torch.tensor([[1, 2, 5, 8], [6, 4, 5, 1]], dtype=torch.float64) / torch.tensor([[16.0]])
    bound = lambda t: (p * t).sum() - (q * divergence.conjugate(t)).sum()  # noqa: E731
    t = divergence.derivative(p / q).requires_grad_()
    assert bound(t).item() == pytest.approx((q * divergence.f(p / q)).sum().item(), rel=1e-12)
    (gradient,) = torch.autograd.grad(bound(t), t)
    torch.testing.assert_close(gradient, torch.zeros(4, dtype=torch.float64), rtol=0, atol=1e-12)
    draw = torch.Generator().manual_seed(0)
    for _ in range(100):
        other = divergence.activation(torch.randn(4, generator=draw, dtype=torch.float64))
        assert bound(other) < bound(t)


@every_divergence
def test_the_saturating_slope_is_the_other_one_times_the_ratio_that_t_stands_for(divergence: FDivergence) -> None:
    u = torch.linspace(0.1, 3, 30, dtype=torch.float64)
    v = torch.zeros(30, dtype=torch.float64)
    for _ in range(60):  # Newton's iteration to the logit of f'(u)
        v = v.detach().requires_grad_()
        t = divergence.activation(v)
        v = v - ((t - divergence.derivative(u)) / torch.autograd.grad(t.sum(), v)[0]).clamp(-1, 1)
    logits = v.detach().requires_grad_()
    saturating, other = (
        torch.autograd.grad(FGAN(divergence, saturating=choice).generator(logits), logits)[0]
        for choice in (True, False)
    )
    equal(saturating, u * other)


def test_of_the_gan_divergence_it_is_the_first_papers_game() -> None:
    draw = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, 8, 1, generator=draw, dtype=torch.float64)
    for saturating, game in ((True, Minimax()), (False, NonSaturating())):
        loss = FGAN(GANDivergence(), saturating)
        equal(loss.discriminator(real, fake), game.discriminator(real, fake))
        equal(loss.generator(fake), game.generator(fake))


@pytest.mark.parametrize("divergence", [JensenShannon(), GANDivergence()], ids=["jensen-shannon", "gan"])
@pytest.mark.parametrize("saturating", [True, False])
def test_large_logits_keep_their_slope_in_single_precision(divergence: FDivergence, saturating: bool) -> None:
    real, fake = torch.tensor([[-100.0], [100.0]]).requires_grad_(), torch.tensor([[100.0], [-100.0]]).requires_grad_()
    loss = FGAN(divergence, saturating)
    of_real, of_fake = torch.autograd.grad(loss.discriminator(real, fake), (real, fake))
    np.testing.assert_allclose(of_real, [[-0.5], [0]], atol=1e-7)
    np.testing.assert_allclose(of_fake, [[0.5], [0]], atol=1e-7)
    (of_generator,) = torch.autograd.grad(loss.generator(fake), fake)
    np.testing.assert_allclose(of_generator, [[-0.5], [0]] if saturating else [[0], [-0.5]], atol=1e-7)
