"""Adversarial objectives against the papers' equations, written out with numpy."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.losses import (
    FGAN,
    AdversarialLoss,
    EnergyBased,
    FDivergence,
    GANDivergence,
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


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


class Paper(NamedTuple):
    """Both losses of real logits r and fake logits f, and their slopes in each logit times the number of logits."""

    loss: AdversarialLoss
    discriminator: Callable[[np.ndarray, np.ndarray], float]
    generator: Callable[[np.ndarray], float]
    discriminator_slope_real: Callable[[np.ndarray], np.ndarray]
    discriminator_slope_fake: Callable[[np.ndarray], np.ndarray]
    generator_slope: Callable[[np.ndarray], np.ndarray]


class Row(NamedTuple):
    """A row of arXiv:1606.00709, table 2, and the slopes of T = g(v) and of f*(g(v)) in the logit v."""

    divergence: FDivergence
    g: Callable[[np.ndarray], np.ndarray]
    conjugate: Callable[[np.ndarray], np.ndarray]
    slope_g: Callable[[np.ndarray], np.ndarray]
    slope_conjugate: Callable[[np.ndarray], np.ndarray]

    def paper(self, saturating: bool) -> Paper:
        star = lambda f: self.conjugate(self.g(f))  # noqa: E731
        return Paper(
            FGAN(self.divergence, saturating),
            lambda r, f: -self.g(r).mean() + star(f).mean(),
            lambda f: -(star(f) if saturating else self.g(f)).mean(),
            lambda r: -self.slope_g(r),
            self.slope_conjugate,
            lambda f: -(self.slope_conjugate(f) if saturating else self.slope_g(f)),
        )


F_GAN = {
    "kl": Row(KullbackLeibler(), lambda v: v, lambda t: np.exp(t - 1), np.ones_like, lambda v: np.exp(v - 1)),
    "reverse kl": Row(
        ReverseKullbackLeibler(), lambda v: -np.exp(-v), lambda t: -1 - np.log(-t), lambda v: np.exp(-v), np.ones_like
    ),
    "pearson": Row(PearsonChiSquared(), lambda v: v, lambda t: t**2 / 4 + t, np.ones_like, lambda v: v / 2 + 1),
    "hellinger": Row(SquaredHellinger(), lambda v: 1 - np.exp(-v), lambda t: t / (1 - t), lambda v: np.exp(-v), np.exp),
    "jensen-shannon": Row(
        JensenShannon(),
        lambda v: np.log(2) - np.log(1 + np.exp(-v)),
        lambda t: -np.log(2 - np.exp(t)),
        lambda v: sigmoid(-v),
        sigmoid,
    ),
    "f-gan gan": Row(
        GANDivergence(),
        lambda v: -np.log(1 + np.exp(-v)),
        lambda t: -np.log(1 - np.exp(t)),
        lambda v: sigmoid(-v),
        sigmoid,
    ),
}

PAPERS = {
    **{f"{name}, saturating": row.paper(saturating=True) for name, row in F_GAN.items()},
    **{name: row.paper(saturating=False) for name, row in F_GAN.items()},
    "minimax": Paper(
        Minimax(),
        lambda r, f: -np.log(sigmoid(r)).mean() - np.log(1 - sigmoid(f)).mean(),
        lambda f: np.log(1 - sigmoid(f)).mean(),
        lambda r: sigmoid(r) - 1,
        lambda f: sigmoid(f),
        lambda f: -sigmoid(f),
    ),
    "minimax smoothed": Paper(
        Minimax(real_target=0.9),
        lambda r, f: -(0.9 * np.log(sigmoid(r)) + 0.1 * np.log(sigmoid(-r))).mean() - np.log(1 - sigmoid(f)).mean(),
        lambda f: np.log(1 - sigmoid(f)).mean(),
        lambda r: sigmoid(r) - 0.9,
        lambda f: sigmoid(f),
        lambda f: -sigmoid(f),
    ),
    "non-saturating": Paper(
        NonSaturating(),
        lambda r, f: -np.log(sigmoid(r)).mean() - np.log(1 - sigmoid(f)).mean(),
        lambda f: -np.log(sigmoid(f)).mean(),
        lambda r: sigmoid(r) - 1,
        lambda f: sigmoid(f),
        lambda f: sigmoid(f) - 1,
    ),
    "non-saturating smoothed": Paper(
        NonSaturating(real_target=0.8),
        lambda r, f: -(0.8 * np.log(sigmoid(r)) + 0.2 * np.log(sigmoid(-r))).mean() - np.log(1 - sigmoid(f)).mean(),
        lambda f: -np.log(sigmoid(f)).mean(),
        lambda r: sigmoid(r) - 0.8,
        lambda f: sigmoid(f),
        lambda f: sigmoid(f) - 1,
    ),
    "least squares, equation 9": Paper(
        LeastSquares(),
        lambda r, f: ((r - 1) ** 2).mean() / 2 + (f**2).mean() / 2,
        lambda f: ((f - 1) ** 2).mean() / 2,
        lambda r: r - 1,
        lambda f: f,
        lambda f: f - 1,
    ),
    "least squares, equation 8": Paper(
        LeastSquares(a=-1, b=1, c=0),
        lambda r, f: ((r - 1) ** 2).mean() / 2 + ((f + 1) ** 2).mean() / 2,
        lambda f: (f**2).mean() / 2,
        lambda r: r - 1,
        lambda f: f + 1,
        lambda f: f,
    ),
    "wasserstein": Paper(
        Wasserstein(),
        lambda r, f: f.mean() - r.mean(),
        lambda f: -f.mean(),
        lambda r: -np.ones_like(r),
        lambda f: np.ones_like(f),
        lambda f: -np.ones_like(f),
    ),
    "hinge": Paper(
        Hinge(),
        lambda r, f: -np.minimum(0, r - 1).mean() - np.minimum(0, -f - 1).mean(),
        lambda f: -f.mean(),
        lambda r: np.where(r < 1, -1.0, 0.0),
        lambda f: np.where(f > -1, 1.0, 0.0),
        lambda f: -np.ones_like(f),
    ),
    "energy-based": Paper(
        EnergyBased(margin=0.8),
        lambda r, f: (-r).mean() + np.maximum(0, 0.8 - (-f)).mean(),
        lambda f: (-f).mean(),
        lambda r: -np.ones_like(r),
        lambda f: np.where(-f < 0.8, 1.0, 0.0),
        lambda f: -np.ones_like(f),
    ),
}


@pytest.fixture(params=["vector", "patch map"])
def logits(request: pytest.FixtureRequest) -> tuple[Tensor, Tensor]:
    """Real and fake logits. The counts differ, so a mean over both together would be noticed."""
    shapes = {"vector": ((7, 1), (5, 1)), "patch map": ((3, 1, 4, 2), (2, 1, 4, 2))}
    draw = torch.Generator().manual_seed(0)
    real, fake = (2 * torch.randn(s, generator=draw, dtype=torch.float64) for s in shapes[request.param])
    return real.requires_grad_(), fake.requires_grad_()


@pytest.mark.parametrize("name", PAPERS)
def test_losses_equal_the_papers_equations(name: str, logits: tuple[Tensor, Tensor]) -> None:
    paper, (real, fake) = PAPERS[name], logits
    r, f = real.detach().numpy(), fake.detach().numpy()
    assert paper.loss.discriminator(real, fake).item() == pytest.approx(paper.discriminator(r, f), rel=1e-12)
    assert paper.loss.generator(fake).item() == pytest.approx(paper.generator(f), rel=1e-12)


@pytest.mark.parametrize("name", PAPERS)
def test_gradients_equal_the_derived_formulas(name: str, logits: tuple[Tensor, Tensor]) -> None:
    paper, (real, fake) = PAPERS[name], logits
    r, f = real.detach().numpy(), fake.detach().numpy()
    of_real, of_fake = torch.autograd.grad(paper.loss.discriminator(real, fake), (real, fake))
    (of_generator,) = torch.autograd.grad(paper.loss.generator(fake), fake)
    np.testing.assert_allclose(of_real, paper.discriminator_slope_real(r) / r.size, rtol=1e-12)
    np.testing.assert_allclose(of_fake, paper.discriminator_slope_fake(f) / f.size, rtol=1e-12)
    np.testing.assert_allclose(of_generator, paper.generator_slope(f) / f.size, rtol=1e-12)


@pytest.mark.parametrize("loss", [Minimax, NonSaturating])
def test_smoothing_changes_only_the_real_term(loss: type, logits: tuple[Tensor, Tensor]) -> None:
    real, fake = logits
    hard, smooth = loss(), loss(real_target=0.7)
    # -log s(r) becomes -0.7 log s(r) - 0.3 log s(-r), and log s(r) - log s(-r) = r.
    difference = smooth.discriminator(real, fake) - hard.discriminator(real, fake)
    assert difference.item() == pytest.approx(0.3 * real.mean().item())
    assert smooth.generator(fake).item() == hard.generator(fake).item()


# Two distributions on four symbols, as counts, so that plain means are exact expectations.
REAL_COUNTS, FAKE_COUNTS = np.array([1, 2, 5, 8]), np.array([6, 4, 5, 1])
P, Q = REAL_COUNTS / 16, FAKE_COUNTS / 16


def everywhere(d: Tensor) -> tuple[Tensor, Tensor]:
    """D's logits on all real and on all fake samples, from one logit per symbol."""
    return d.repeat_interleave(torch.tensor(REAL_COUNTS)), d.repeat_interleave(torch.tensor(FAKE_COUNTS))


@pytest.mark.parametrize("loss", [Minimax(), NonSaturating()], ids=["minimax", "non-saturating"])
def test_the_optimal_discriminator_measures_the_jensen_shannon_divergence(loss: AdversarialLoss) -> None:
    optimum = torch.tensor(np.log(P / Q), requires_grad=True)
    value = loss.discriminator(*everywhere(optimum))
    assert value.item() == pytest.approx(np.log(4) - 2 * jensenshannon(P, Q) ** 2)
    (gradient,) = torch.autograd.grad(value, optimum)
    np.testing.assert_allclose(gradient, 0, atol=1e-15)


@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 0.9)])
def test_least_squares_is_stationary_at_the_papers_optimal_discriminator(a: float, b: float) -> None:
    optimum = torch.tensor((b * P + a * Q) / (P + Q), requires_grad=True)
    (gradient,) = torch.autograd.grad(LeastSquares(a, b).discriminator(*everywhere(optimum)), optimum)
    np.testing.assert_allclose(gradient, 0, atol=1e-15)


def test_least_squares_of_equation_8_measures_pearsons_chi_squared() -> None:
    loss = LeastSquares(a=-1, b=1, c=0)
    real, fake = everywhere(torch.tensor((P - Q) / (P + Q)))
    divergence = ((2 * Q - (P + Q)) ** 2 / (P + Q)).sum()
    assert 2 * (loss.generator(real) + loss.generator(fake)).item() == pytest.approx(divergence)


def test_hinge_leaves_logits_beyond_the_margin_alone() -> None:
    real = torch.tensor([[1.5], [0.5], [-3.0]], requires_grad=True)
    fake = torch.tensor([[-1.5], [-0.5], [3.0]], requires_grad=True)
    Hinge().discriminator(real, fake).backward()
    np.testing.assert_allclose(real.grad, [[0], [-1 / 3], [-1 / 3]])
    np.testing.assert_allclose(fake.grad, [[0], [1 / 3], [1 / 3]])


def test_wasserstein_ignores_a_shift_of_the_critic(logits: tuple[Tensor, Tensor]) -> None:
    real, fake = logits
    loss = Wasserstein()
    assert loss.discriminator(real + 5, fake + 5).item() == pytest.approx(loss.discriminator(real, fake).item())
    assert loss.generator(fake + 5).item() == pytest.approx(loss.generator(fake).item() - 5)


@pytest.mark.parametrize(
    ("loss", "generator"), [(Minimax(), -200), (NonSaturating(), 0)], ids=["minimax", "non-saturating"]
)
def test_cross_entropies_survive_logits_whose_sigmoid_rounds_to_one(loss: AdversarialLoss, generator: float) -> None:
    real, fake = torch.full((2, 1), -200.0), torch.full((2, 1), 200.0)
    assert loss.discriminator(real, fake).item() == pytest.approx(400)
    assert loss.generator(fake).item() == pytest.approx(generator)


@pytest.mark.parametrize("loss", [Minimax, NonSaturating])
@pytest.mark.parametrize("target", [-1, 0, 0.5, 1.01])
def test_a_real_target_outside_the_range_is_refused(loss: type, target: float) -> None:
    with pytest.raises(SettingError, match=rf"loss\.real_target={target}:"):
        loss(real_target=target)


@pytest.mark.parametrize(
    "labels", [{"a": 1.0, "b": 1.0}, {"a": 1.0, "b": 0.0, "c": 2.0}, {"a": 0.0, "c": 0.0}, {"scale": 0.0}]
)
def test_labels_that_turn_the_game_round_are_refused(labels: dict[str, float]) -> None:
    with pytest.raises(SettingError, match=r"loss\.a=.* loss\.b=.* loss\.c=.* loss\.scale=.*must lie below"):
        LeastSquares(**labels)


@pytest.mark.parametrize("margin", [0, -1.5])
def test_a_margin_that_is_not_positive_is_refused(margin: float) -> None:
    with pytest.raises(SettingError, match=rf"loss\.margin={margin}:"):
        EnergyBased(margin)
