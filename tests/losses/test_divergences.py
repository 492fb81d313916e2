"""What a discriminator measures once it is trained on two fixed distributions."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm
from torch import Tensor

from gan_lightning.losses import (
    FGAN,
    AdversarialLoss,
    EnergyBased,
    GANDivergence,
    GradientPenalty,
    Hinge,
    JensenShannon,
    KullbackLeibler,
    LeastSquares,
    Minimax,
    NonSaturating,
    PearsonChiSquared,
    ReverseKullbackLeibler,
    SquaredHellinger,
    Wasserstein,
)

pytestmark = pytest.mark.long

Density = Callable[[float], float]


def minimised(loss: Callable[[], Tensor], *parameters: Tensor, steps: int = 120) -> float:
    """The value that full-batch steps reach, each parameter with a step size of its own."""
    optimizer = torch.optim.Rprop(parameters)

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    for _ in range(steps):
        optimizer.step(closure)
    return loss().item()


# --- two Gaussians, as counts in 74 cells; D is free to choose one logit per cell ---

REAL, FAKE = norm(0, 1), norm(0.5, 1.25)
EDGES = np.linspace(-3.6, 3.6, 73)


def counts(distribution) -> np.ndarray:
    cumulative = np.concatenate([[0], distribution.cdf(EDGES), [1]])
    return np.rint(100000 * np.diff(cumulative)).astype(int)


REAL_COUNTS, FAKE_COUNTS = counts(REAL), counts(FAKE)
P, Q = REAL_COUNTS / REAL_COUNTS.sum(), FAKE_COUNTS / FAKE_COUNTS.sum()


def jensen_shannon(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    return p * np.log(2 * p / (p + q)) / 2 + q * np.log(2 * q / (p + q)) / 2


# Each loss of D, and the integrand of what its negative becomes at the best D. (p + q) / 2 integrates to one.
MEASURED = {
    "minimax": (Minimax(), lambda p, q: 2 * jensen_shannon(p, q) - math.log(4) * (p + q) / 2),
    "non-saturating": (NonSaturating(), lambda p, q: 2 * jensen_shannon(p, q) - math.log(4) * (p + q) / 2),
    "least squares": (LeastSquares(), lambda p, q: (p - q) ** 2 / (p + q) / 8 - (p + q) / 2 / 4),
    "hinge": (Hinge(), lambda p, q: np.abs(p - q) - (p + q)),
    "kl": (FGAN(KullbackLeibler()), lambda p, q: p * np.log(p / q)),
    "reverse kl": (FGAN(ReverseKullbackLeibler()), lambda p, q: q * np.log(q / p)),
    "pearson": (FGAN(PearsonChiSquared()), lambda p, q: (p - q) ** 2 / q),
    "hellinger": (FGAN(SquaredHellinger()), lambda p, q: (np.sqrt(p) - np.sqrt(q)) ** 2),
    "jensen-shannon": (FGAN(JensenShannon()), lambda p, q: 2 * jensen_shannon(p, q)),
    "gan": (FGAN(GANDivergence()), lambda p, q: 2 * jensen_shannon(p, q) - math.log(4) * (p + q) / 2),
}


def everywhere(logits: Tensor) -> tuple[Tensor, Tensor]:
    """D's logits on all real and on all fake points, from one logit per cell."""
    return logits.repeat_interleave(torch.tensor(REAL_COUNTS)), logits.repeat_interleave(torch.tensor(FAKE_COUNTS))


@cache
def best_logits(name: str) -> tuple[Tensor, float]:
    """D's logit in each cell after training, and its loss."""
    loss: AdversarialLoss = MEASURED[name][0]
    logits = torch.zeros(len(P), dtype=torch.float64, requires_grad=True)
    value = minimised(lambda: loss.discriminator(*everywhere(logits)), logits)
    return logits.detach(), value


@pytest.mark.parametrize("name", MEASURED)
def test_training_the_discriminator_recovers_the_divergence_of_two_gaussians(name: str) -> None:
    integrand = MEASURED[name][1]
    _, value = best_logits(name)
    assert -value == pytest.approx(integrand(P, Q).sum(), abs=1e-6)
    # The grid hides little of the truth.
    truth, _ = quad(lambda x: integrand(REAL.pdf(x), FAKE.pdf(x)), -10, 10, limit=200)
    assert -value == pytest.approx(truth, rel=0.01)


def test_the_quadrature_equals_the_closed_forms_of_gaussians() -> None:
    m, s = FAKE.mean(), FAKE.std()
    closed = {
        "kl": math.log(s) + (1 + m**2) / (2 * s**2) - 1 / 2,
        "reverse kl": -math.log(s) + (s**2 + m**2) / 2 - 1 / 2,
        "hellinger": 2 - 2 * math.sqrt(2 * s / (1 + s**2)) * math.exp(-(m**2) / (4 * (1 + s**2))),
    }
    for name, value in closed.items():
        truth, _ = quad(lambda x, name=name: MEASURED[name][1](REAL.pdf(x), FAKE.pdf(x)), -10, 10, limit=200)
        assert truth == pytest.approx(value, rel=1e-6)


def test_the_trained_discriminator_is_the_share_of_reals() -> None:
    logits, _ = best_logits("non-saturating")
    np.testing.assert_allclose(logits.sigmoid(), P / (P + Q), atol=1e-5)
    middle = (EDGES[1:] + EDGES[:-1]) / 2
    truth = REAL.pdf(middle) / (REAL.pdf(middle) + FAKE.pdf(middle))
    np.testing.assert_allclose(logits.sigmoid()[1:-1], truth, atol=0.02)


@pytest.mark.parametrize("name", ["kl", "reverse kl", "pearson", "hellinger", "jensen-shannon", "gan"])
def test_the_trained_t_is_the_slope_of_f_at_the_likelihood_ratio(name: str) -> None:
    loss = MEASURED[name][0]
    assert isinstance(loss, FGAN)
    logits, _ = best_logits(name)
    optimal = loss.divergence.derivative(torch.tensor(P / Q))
    torch.testing.assert_close(loss.divergence.activation(logits), optimal, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("margin", [0.1, 3.0])
def test_training_an_energy_recovers_the_total_variation_of_two_gaussians(margin: float) -> None:
    loss = EnergyBased(margin)
    # D gives each cell an energy of at least 0, the square of what is trained, without a bound above.
    root = torch.full((len(P),), math.sqrt(margin / 2), dtype=torch.float64, requires_grad=True)
    value = minimised(lambda: loss.discriminator(*everywhere(-root.square())), root, steps=200)
    assert value == pytest.approx(margin * (1 - np.abs(P - Q).sum() / 2), abs=1e-6)
    np.testing.assert_allclose(root.detach().square(), np.where(P > Q, 0, margin), atol=1e-5)
    truth, _ = quad(lambda x: abs(REAL.pdf(x) - FAKE.pdf(x)) / 2, -10, 10, limit=200)
    assert value == pytest.approx(margin * (1 - truth), rel=0.01)


# --- Wasserstein-1 ---
#
# Two distributions on a line, the reals ahead by d, and D(x) = s x. D maximises s d - weight (|s| - 1)^2, so the
# penalty lets the slope grow to s = 1 + d / (2 weight). There, the difference of D's means is d + d^2 / (2 weight),
# and the penalised objective d + d^2 / (4 weight): Wasserstein-1 is d, and the bias vanishes with a growing weight.
# Of two points that holds for any critic: all of their interpolates are on one line, evenly.


def on_a_line(x: np.ndarray) -> Tensor:
    """Numbers as images (B, 1, 1, 1)."""
    return torch.tensor(x).reshape(-1, 1, 1, 1)


def penalised(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, weight: float) -> tuple[Tensor, Tensor]:
    """The critic's objective (maximised), and the difference of its means."""
    torch.manual_seed(0)  # the same interpolates at every step
    on_real, on_fake = critic(real), critic(fake)
    difference = -Wasserstein().discriminator(on_real, on_fake)
    return difference - GradientPenalty(weight)(critic, real, fake, on_real, on_fake), difference


@pytest.mark.parametrize("weight", [0.5, 10.0, 1000.0])
@pytest.mark.parametrize("d", [0.5, 4.0])
def test_a_linear_critic_measures_the_distance_of_gaussians_up_to_the_penaltys_bias(d: float, weight: float) -> None:
    fake = norm.ppf((np.arange(100) + 0.5) / 100)
    ends = on_a_line(fake + d), on_a_line(fake)
    slope = torch.zeros((), dtype=torch.float64, requires_grad=True)
    critic = lambda x: slope * x.flatten(1).sum(1)  # noqa: E731
    value = -minimised(lambda: -penalised(critic, *ends, weight)[0], slope)
    assert slope.item() == pytest.approx(1 + d / (2 * weight), rel=1e-5)
    assert penalised(critic, *ends, weight)[1].item() == pytest.approx(d + d**2 / (2 * weight), rel=1e-5)
    assert value == pytest.approx(d + d**2 / (4 * weight), rel=1e-6)


@pytest.mark.parametrize("weight", [1.0, 10.0])
@pytest.mark.parametrize("d", [0.5, 4.0])
def test_a_free_critic_measures_the_distance_of_points_up_to_the_same_bias(d: float, weight: float) -> None:
    ends = on_a_line(np.full(20000, d)), on_a_line(np.zeros(20000))
    slopes = torch.zeros(6, dtype=torch.float64, requires_grad=True)  # of six pieces
    starts = torch.arange(6) * d / 6
    critic = lambda x: ((x.flatten(1) - starts).clamp(0, d / 6) * slopes).sum(1)  # noqa: E731
    value = -minimised(lambda: -penalised(critic, *ends, weight)[0], slopes, steps=80)
    assert value == pytest.approx(d + d**2 / (4 * weight), rel=2e-3)
    np.testing.assert_allclose(slopes.detach(), 1 + d / (2 * weight), rtol=0.03)


# A critic free to be as steep as it likes at each u has the slope sign(d(u)) (1 + |d(u)| / (2 weight r(u))), with d the
# difference of the distribution functions and r the density of the interpolates: Wasserstein-1 is the integral of |d|,
# and the penalised objective larger by that of d^2 / (4 weight r).


@pytest.mark.parametrize("weight", [2.0, 10.0, 1000.0])
def test_a_free_critic_measures_the_distance_of_gaussians_up_to_the_penaltys_bias(weight: float) -> None:
    draw = np.random.default_rng(0)
    quantiles = (np.arange(20000) + 0.5) / 20000
    ends = on_a_line(draw.permutation(REAL.ppf(quantiles))), on_a_line(draw.permutation(FAKE.ppf(quantiles)))
    starts = torch.arange(-3, 4, 0.2, dtype=torch.float64)
    slopes = torch.zeros(len(starts), dtype=torch.float64, requires_grad=True)

    def critic(x: Tensor) -> Tensor:
        x = x.flatten(1)
        # Beyond the cells hardly an interpolate lies: there the slopes are given, those of the best 1-Lipschitz critic.
        given = (x + 3).clamp(max=0) - (x - 4).clamp(min=0)
        return ((x - starts).clamp(0, 0.2) * slopes).sum(1) + given.sum(1)

    value = -minimised(lambda: -penalised(critic, *ends, weight)[0], slopes, steps=60)

    u, share = np.arange(-3, 4, 0.005) + 0.0025, (np.arange(200)[:, None] + 0.5) / 200
    mean, std = share * REAL.mean() + (1 - share) * FAKE.mean(), np.hypot(share * REAL.std(), (1 - share) * FAKE.std())
    between = norm(mean, std).pdf(u).mean(0)
    d = FAKE.cdf(u) - REAL.cdf(u)
    bias = 0.005 * (d**2 / (4 * weight * between)).sum()
    distance, _ = quad(lambda x: abs(FAKE.cdf(x) - REAL.cdf(x)), -10, 10, limit=200)
    assert value == pytest.approx(distance + bias, rel=0.005)


# --- two segments that do not touch, at distance d ---


def far_apart(d: float) -> tuple[Tensor, Tensor]:
    real = np.linspace(0, 1, 16)
    return on_a_line(real), on_a_line(real - d).requires_grad_()


@pytest.mark.parametrize("d", [1.5, 3.0, 6.0])
def test_jensen_shannon_says_nothing_about_a_distance_and_the_saturating_generator_stands_still(d: float) -> None:
    real, fake = far_apart(d)
    slope, offset = (torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in range(2))
    judge = lambda x: slope * x + offset  # noqa: E731
    loss = minimised(lambda: Minimax().discriminator(judge(real), judge(fake.detach())), slope, offset, steps=60)
    assert (math.log(4) - loss) / 2 == pytest.approx(math.log(2), abs=1e-4)
    pull = {
        game: torch.autograd.grad(game.generator(judge(fake)), fake)[0].sum().item()
        for game in (Minimax(), NonSaturating())
    }
    saturating, other = pull.values()
    assert abs(saturating) < 1e-3
    assert -other == pytest.approx(slope.item(), rel=1e-4)


def test_wasserstein_grows_with_the_distance_and_pulls_at_any() -> None:
    weight = 10.0
    for d in (1.5, 3.0, 6.0):
        real, fake = far_apart(d)
        slope = torch.zeros((), dtype=torch.float64, requires_grad=True)
        critic = lambda x, slope=slope: slope * x.flatten(1).sum(1)  # noqa: E731
        ends = real, fake.detach()
        value = -minimised(lambda critic=critic, ends=ends: -penalised(critic, *ends, weight)[0], slope)
        assert value == pytest.approx(d + d**2 / (4 * weight), rel=1e-6)
        (pull,) = torch.autograd.grad(Wasserstein().generator(critic(fake)), fake)
        assert -pull.sum().item() == pytest.approx(1 + d / (2 * weight), rel=1e-5)
