"""Gradient penalties against closed forms on critics whose gradient is known."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import kstest
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.losses import DRAGAN, R1, R2, Consistency, Critic, GradientPenalty, LeCam, Penalty

PENALTIES = [
    pytest.param(GradientPenalty(weight=7.0), id="gradient"),
    pytest.param(GradientPenalty(weight=7.0, one_sided=True), id="one-sided"),
    pytest.param(DRAGAN(weight=7.0, scale=0.0), id="dragan"),
    pytest.param(R1(gamma=6.0), id="r1"),
    pytest.param(R2(gamma=6.0), id="r2"),
]


def images(n: int, seed: int = 0) -> Tensor:
    return 2 * torch.rand(n, 3, 4, 4, generator=torch.Generator().manual_seed(seed)) - 1


def apply(penalty: Penalty, critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """The penalty, with logits that none of these penalties looks at."""
    nothing = torch.full((len(real), 1), math.nan)
    return penalty(critic, real, fake, nothing, nothing)


def linear(weight: Tensor) -> Critic:
    return lambda x: (x * weight).flatten(1).sum(1)


def half_squared_norm(x: Tensor) -> Tensor:
    return x.flatten(1).square().sum(1) / 2


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1)
    )


@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_gradient_penalty_of_a_linear_critic(scale: float) -> None:
    w = (scale * images(1)[0]).requires_grad_()
    value = apply(GradientPenalty(weight=7.0), linear(w), images(5, seed=1), images(5, seed=2))
    array = w.detach().double().numpy()
    norm = np.linalg.norm(array)
    assert value.item() == pytest.approx(7 * (norm - 1) ** 2, rel=1e-5)
    value.backward()
    np.testing.assert_allclose(w.grad, 2 * 7 * (norm - 1) * array / norm, rtol=1e-4)


@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_one_sided_penalty_leaves_gentle_slopes_alone(scale: float) -> None:
    w = (scale * images(1)[0]).requires_grad_()
    value = apply(GradientPenalty(7.0, one_sided=True), linear(w), images(5, seed=1), images(5, seed=2))
    array = w.detach().double().numpy()
    excess = max(0.0, np.linalg.norm(array) - 1)
    assert value.item() == pytest.approx(7 * excess**2, rel=1e-5)
    value.backward()
    np.testing.assert_allclose(w.grad, 2 * 7 * excess * array / np.linalg.norm(array), rtol=1e-4)


@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_dragan_of_a_linear_critic(scale: float) -> None:
    w = (scale * images(1)[0]).requires_grad_()
    value = apply(DRAGAN(weight=7.0), linear(w), images(5, seed=1), images(5, seed=2))
    norm = np.linalg.norm(w.detach().double().numpy())
    assert value.item() == pytest.approx(7 * (norm - 1) ** 2, rel=1e-5)


def test_dragan_looks_around_real_images() -> None:
    real, seen = images(4000, seed=1), []

    def critic(x: Tensor) -> Tensor:
        seen.append(x.detach())
        return half_squared_norm(x)

    torch.manual_seed(0)
    apply(DRAGAN(scale=0.5), critic, real, torch.full_like(real, torch.nan))
    offset = ((seen[0] - real) / (0.5 * real.std())).double().numpy().ravel()
    assert kstest(offset[::31], "uniform").pvalue > 0.01


@pytest.mark.parametrize("penalty", [R1, R2])
def test_zero_centred_penalty_of_a_linear_critic(penalty: type) -> None:
    w = images(1)[0].requires_grad_()
    value = apply(penalty(gamma=6.0), linear(w), images(5, seed=1), images(5, seed=2))
    array = w.detach().double().numpy()
    assert value.item() == pytest.approx(6 / 2 * (array**2).sum(), rel=1e-5)
    value.backward()
    np.testing.assert_allclose(w.grad, 6 * array, rtol=1e-5)


def test_r1_sees_the_real_images_alone_and_r2_the_others() -> None:
    real, fake = images(5, seed=1), images(5, seed=2)
    expected = 6 / 2 * (real.double().numpy() ** 2).sum((1, 2, 3)).mean()
    assert apply(R1(gamma=6.0), half_squared_norm, real, fake).item() == pytest.approx(expected, rel=1e-5)
    assert apply(R2(gamma=6.0), half_squared_norm, fake, real).item() == pytest.approx(expected, rel=1e-5)


def recorded_points(real: Tensor, fake: Tensor) -> tuple[np.ndarray, float]:
    """Where the gradient penalty asks the critic ||x||^2 / 2, and the penalty."""
    seen = []

    def critic(x: Tensor) -> Tensor:
        seen.append(x.detach().double().numpy())
        return half_squared_norm(x)

    torch.manual_seed(0)
    value = apply(GradientPenalty(weight=7.0), critic, real, fake)
    (points,) = seen
    return points, value.item()


def test_gradient_penalty_of_a_quadratic_critic_at_the_points_it_asked_for() -> None:
    points, value = recorded_points(images(5, seed=1), images(5, seed=2))
    norm = np.sqrt((points**2).sum((1, 2, 3)))
    assert value == pytest.approx(7 * ((norm - 1) ** 2).mean(), rel=1e-5)


def test_gradient_penalty_draws_one_uniform_point_per_pair_on_its_segment() -> None:
    real, fake = images(2000, seed=1), images(2000, seed=2)
    points, _ = recorded_points(real, fake)
    r, f = real.double().numpy().reshape(2000, -1), fake.double().numpy().reshape(2000, -1)
    u = points.reshape(2000, -1)
    share = ((u - f) * (r - f)).sum(1) / ((r - f) ** 2).sum(1)
    np.testing.assert_allclose(u, share[:, None] * r + (1 - share[:, None]) * f, atol=1e-6)
    assert kstest(share, "uniform").pvalue > 0.01


@pytest.mark.parametrize("penalty", PENALTIES)
def test_the_penalty_of_a_batch_is_the_mean_over_its_images(penalty: Penalty, network: nn.Module) -> None:
    # Pairs of equal images leave the gradient penalty a single point each, whatever it draws.
    x = images(4)
    critic = lambda image: 20 * network(image)[:, 0]  # noqa: E731  # steep enough for the one-sided penalty
    single = [apply(penalty, critic, x[i : i + 1], x[i : i + 1]).item() for i in range(4)]
    assert max(single) > 1.01 * min(single)
    assert apply(penalty, critic, x, x).item() == pytest.approx(np.mean(single), rel=1e-5)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_parameters_get_the_gradients_derived_by_hand(penalty: Penalty) -> None:
    """D(x) = <v, tanh(A x)> has the gradient g = A^T (s v) with s = 1 - tanh(A x)^2."""
    rng = np.random.default_rng(0)
    a, v, x = 0.5 * rng.standard_normal((6, 48)), rng.standard_normal(6), images(1).double().numpy().ravel()
    h = np.tanh(a @ x)
    s = 1 - h**2
    g = a.T @ (s * v)
    norm = np.linalg.norm(g)
    # The penalty's slope in g; then the chain rule through g, whose s depends on A too.
    slope = 2 * 7 * (norm - 1) * g / norm if isinstance(penalty, GradientPenalty | DRAGAN) else 6 * g
    of_v = s * (a @ slope)
    of_a = np.outer(s * v, slope) - np.outer(2 * h * s * v * (a @ slope), x)

    weight_a, weight_v = (torch.tensor(w, dtype=torch.float32, requires_grad=True) for w in (a, v))
    critic = lambda image: torch.tanh(image.flatten(1) @ weight_a.T) @ weight_v  # noqa: E731
    apply(penalty, critic, images(1), images(1)).backward()
    np.testing.assert_allclose(weight_v.grad, of_v, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(weight_a.grad, of_a, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("penalty", "expected"), [(GradientPenalty(weight=7.0), 7.0), (R1(), 0.0), (DRAGAN(weight=7.0), 7.0)]
)
def test_a_flat_critic_gets_a_finite_gradient(penalty: Penalty, expected: float) -> None:
    w = torch.zeros(3, 4, 4, requires_grad=True)
    value = apply(penalty, linear(w), images(3, seed=1), images(3, seed=2))
    value.backward()
    assert value.item() == pytest.approx(expected)
    assert w.grad is not None
    assert torch.isfinite(w.grad).all()


@pytest.mark.parametrize("penalty", PENALTIES)
def test_penalties_stay_in_float32_under_autocast(penalty: Penalty, network: nn.Module) -> None:
    critic = lambda image: network(image)[:, 0]  # noqa: E731
    real, fake = images(4, seed=1).bfloat16(), images(4, seed=2).bfloat16()
    torch.manual_seed(0)
    expected = apply(penalty, critic, real.float(), fake.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert critic(real).dtype == torch.bfloat16
        torch.manual_seed(0)
        value = apply(penalty, critic, real, fake)
    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_penalties_leave_the_images_without_gradient(penalty: Penalty, network: nn.Module) -> None:
    real, fake = images(2, seed=1), images(2, seed=2)
    apply(penalty, lambda image: network(image)[:, 0], real, fake).backward()
    assert not real.requires_grad
    assert not fake.requires_grad
    # The last bias shifts the score, which no gradient in the image sees.
    assert all(p.grad is not None for name, p in network.named_parameters() if name != "5.bias")


@pytest.mark.parametrize("penalty", PENALTIES)
def test_penalties_are_defined_per_image(penalty: Penalty) -> None:
    assert penalty.per_sample


@pytest.mark.parametrize("penalty", [GradientPenalty, DRAGAN, R1, R2, Consistency, LeCam])
@pytest.mark.parametrize("every", [0, -1])
def test_a_penalty_that_never_acts_is_refused(penalty: type, every: int) -> None:
    with pytest.raises(SettingError, match=rf"penalty.*every={every}:"):
        penalty(every=every)
