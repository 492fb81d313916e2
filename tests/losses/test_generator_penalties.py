"""Penalties on the generator against closed forms."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.losses import ConditioningDivergence, ModeSeeking, PathLength


class Linear(nn.Module):
    """Images that are a linear function of noise, brighter with the condition."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(5, 12, generator=torch.Generator().manual_seed(0)))

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        return (z @ self.weight + condition[:, None]).unflatten(1, (3, 2, 2))


def test_mode_seeking_is_the_inverse_ratio_of_the_distances_under_one_condition() -> None:
    generator, condition = Linear().double(), torch.tensor([0.0, 5.0, 1.0, 0.0])
    z = torch.randn(4, 5, generator=torch.Generator().manual_seed(1)).double()
    image = generator(z, condition)
    value = ModeSeeking(weight=3.0)(generator, z, condition, image)
    noise, weight = z.numpy(), generator.weight.detach().numpy()
    steps = np.array([noise[i] - noise[(i + 1) % 4] for i in range(4)])
    ratio = np.abs(steps @ weight).mean() / np.abs(steps).mean()  # conditions cancel
    assert value.item() == pytest.approx(3 / (ratio + 1e-5), rel=1e-12)
    value.backward()
    assert (generator.weight.grad * generator.weight).sum() < 0  # larger weights, images further apart


def test_images_that_are_all_the_same_cost_the_most_and_stay_finite() -> None:
    generator = Linear()
    nn.init.zeros_(generator.weight)
    z = torch.randn(4, 5)
    assert ModeSeeking()(generator, z, torch.zeros(4), generator(z, torch.zeros(4))).item() == pytest.approx(1e5)


class Mapped(nn.Module):
    """w is twice z in each of three layers, and images are a linear function of all of w."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 5, 12, generator=torch.Generator().manual_seed(0)).double())

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        return 2 * z[:, None].expand(-1, 3, -1)

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        return torch.einsum("bld,ldp->bp", w, self.weight).unflatten(1, (3, 2, 2))


def test_path_length_of_a_linear_generator_is_the_norm_of_its_matrix() -> None:
    """E l^2 = ||A||^2 / (pixels of a channel), averaged over layers, whatever w is."""
    generator, penalty = Mapped(), PathLength(weight=3.0, decay=1.0)
    z, torch_seed = torch.randn(4000, 5).double(), 0
    torch.manual_seed(torch_seed)
    noise = torch.randn(2000, 3, 2, 2, dtype=torch.float64)  # every other image's
    torch.manual_seed(torch_seed)
    value = penalty(generator, z, torch.zeros(4000), z)
    gradient = np.einsum("bp,ldp->bld", noise.flatten(1).numpy() / 2, generator.weight.detach().numpy())
    lengths = np.sqrt((gradient**2).sum(2).mean(1))
    assert penalty.mean.item() == pytest.approx(lengths.mean(), rel=1e-6)
    assert value.item() == pytest.approx(3 * lengths.var(), rel=1e-4)
    closed = generator.weight.detach().square().sum() / 4 / 3
    assert np.square(lengths).mean() == pytest.approx(closed.item(), rel=0.03)


def test_path_length_is_zero_at_the_mean_which_moves_by_its_share_and_pulls_there() -> None:
    generator, penalty = Mapped(), PathLength(weight=1.0, decay=0.25)
    z = torch.randn(8, 5).double()
    torch.manual_seed(0)
    penalty(generator, z, torch.zeros(8), z).backward()
    assert (
        generator.weight.grad * generator.weight
    ).sum() > 0  # lengths are above their first mean, 0: smaller weights
    first = penalty.mean.clone()
    generator.weight.grad = None
    torch.manual_seed(0)
    penalty(generator, z, torch.zeros(8), z)
    torch.testing.assert_close(penalty.mean, first + 0.25 * (4 * first - first))
    assert "mean" in penalty.state_dict()


def test_path_length_of_a_generator_without_a_mapping_is_that_of_noise() -> None:
    class Plain(Linear):
        def map(self, z: Tensor, condition: Tensor) -> Tensor:
            return z

        def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
            return self(w, condition)

    generator, z = Plain(), torch.randn(6, 5)
    value = PathLength()(generator, z, torch.zeros(6), z)
    value.backward()
    assert value > 0
    assert generator.weight.grad.abs().sum() > 0


class Drawing(nn.Module):
    """Draws in place of its conditions, which are means and logarithms of deviations."""

    def gaussian(self, condition: Tensor) -> tuple[Tensor, Tensor] | None:
        mean, log_deviation = condition.chunk(2, 1)
        return mean, log_deviation


def test_the_divergence_of_conditions_is_that_of_torch_per_number() -> None:
    condition = torch.randn(6, 8, generator=torch.Generator().manual_seed(0)).double().requires_grad_()
    value = ConditioningDivergence(weight=3.0)(Drawing(), torch.zeros(6, 4), condition, torch.zeros(6))
    mean, log_deviation = condition.chunk(2, 1)
    normal = torch.distributions.Normal
    divergence = torch.distributions.kl_divergence(normal(mean, log_deviation.exp()), normal(0.0, 1.0))
    torch.testing.assert_close(value, 3 * divergence.sum(1).mean() / 4)
    (slope,) = torch.autograd.grad(value, condition)
    torch.testing.assert_close(slope[:, :4], 3 * mean / 24)  # of mean^2 / 2


def test_standard_normal_conditions_cost_nothing_and_a_generator_without_any_is_refused() -> None:
    penalty = ConditioningDivergence()
    assert penalty(Drawing(), torch.zeros(2, 4), torch.zeros(2, 8), torch.zeros(2)).item() == 0
    penalty.check(Drawing(), torch.zeros(2, 8))

    class AsTheyAre(nn.Module):
        def gaussian(self, condition: Tensor) -> None:
            return None

    with pytest.raises(SettingError, match=r"generator_penalty=conditioning: .* takes conditions as they are; add"):
        penalty.check(AsTheyAre(), torch.zeros(2, 8))
