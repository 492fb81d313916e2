"""Statistics of a batch against the papers' definitions in slow loops, in double precision."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.losses import GradientPenalty
from gan_lightning.networks import (
    LinearHead,
    MinibatchDiscrimination,
    MinibatchHead,
    MinibatchStandardDeviation,
    NoNorm,
    OneHot,
    ProjectionHead,
    SpectralNorm,
    StandardDeviationChannel,
)

FEATURES, KERNELS, DIMENSION = 6, 3, 2


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def discrimination(group: int) -> MinibatchDiscrimination:
    torch.manual_seed(0)
    return MinibatchDiscrimination(FEATURES, NoNorm(), KERNELS, DIMENSION, group).double()


def standard_deviation(group: int) -> MinibatchStandardDeviation:
    return MinibatchStandardDeviation(FEATURES, NoNorm(), group)


BUILDS = [discrimination, standard_deviation]


@pytest.mark.parametrize(("batch", "size"), [(5, 5), (10, 5), (4, 4), (7, 7), (12, 6), (1, 1)])
def test_discrimination_is_the_papers_sum_over_the_others(batch: int, size: int) -> None:
    layer, features = discrimination(group=5), draw(batch, FEATURES)
    weight = layer.transform.weight.detach().numpy().reshape(KERNELS, DIMENSION, FEATURES)
    matrices = [weight @ image for image in features.numpy()]  # B x C each
    expected = np.zeros((batch, KERNELS))
    for i in range(batch):
        for j in range(i // size * size, (i // size + 1) * size):
            for b in range(KERNELS):
                if i != j:
                    expected[i, b] += np.exp(-np.abs(matrices[i][b] - matrices[j][b]).sum())
    np.testing.assert_allclose(layer(features).detach(), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("batch", "size"), [(8, 4), (10, 5), (6, 6), (7, 7), (3, 3), (12, 4), (1, 1)])
def test_standard_deviation_is_the_mean_over_features_in_groups(batch: int, size: int) -> None:
    features = draw(batch, FEATURES)
    expected = []
    for start in range(0, batch, size):
        group = features.numpy()[start : start + size]
        spread = [np.sqrt(sum((value - column.mean()) ** 2 for value in column) / size + 1e-8) for column in group.T]
        expected += [[sum(spread) / FEATURES]] * size
    np.testing.assert_allclose(standard_deviation(group=4)(features), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("batch", "groups"), [(8, [[0, 2, 4, 6], [1, 3, 5, 7]]), (10, [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]])]
)
def test_the_channel_has_the_mean_deviation_of_interleaved_groups(batch: int, groups: list[list[int]]) -> None:
    x = draw(batch, 3, 2, 2)
    out = StandardDeviationChannel(group=4)(x)
    assert torch.equal(out[:, :3], x)
    for group in groups:
        spread = np.sqrt(x.numpy()[group].var(0) + 1e-8).mean()
        np.testing.assert_allclose(out[group, 3], np.full((len(group), 2, 2), spread), rtol=1e-12)


def test_the_channel_of_equal_images_has_finite_gradients() -> None:
    x = draw(1, 3, 2, 2).repeat(4, 1, 1, 1).requires_grad_()
    channel = StandardDeviationChannel()(x)[:, 3]
    torch.testing.assert_close(channel, torch.full_like(channel, 1e-4))
    (gradient,) = torch.autograd.grad(channel.sum(), x, create_graph=True)
    assert torch.autograd.grad(gradient.square().sum(), x)[0].isfinite().all()
    assert StandardDeviationChannel()(x.bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize("build", BUILDS)
def test_a_batch_in_another_order_has_the_same_statistics_in_that_order(build: Callable) -> None:
    layer, features = build(group=8), draw(8, FEATURES)
    order = torch.tensor([3, 1, 7, 0, 2, 6, 5, 4])
    torch.testing.assert_close(layer(features[order]), layer(features)[order])
    assert build is standard_deviation or not torch.allclose(layer(features[order]), layer(features))


@pytest.mark.parametrize("build", BUILDS)
def test_groups_know_nothing_of_each_other(build: Callable) -> None:
    """So a generator's batch of twice the size is two of the discriminator's."""
    layer, features = build(group=4), draw(8, FEATURES)
    torch.testing.assert_close(layer(features), torch.cat([layer(features[:4]), layer(features[4:])]))
    assert not torch.allclose(layer(features), build(group=8)(features))


def test_equal_images_are_told_from_different_ones() -> None:
    same, varied = draw(1, FEATURES).repeat(8, 1), draw(8, FEATURES)
    torch.testing.assert_close(discrimination(8)(same), torch.full((8, KERNELS), 7.0, dtype=torch.float64))
    assert (discrimination(8)(varied) < 6).all()
    torch.testing.assert_close(standard_deviation(4)(same), torch.full((8, 1), 1e-4, dtype=torch.float64))
    assert (standard_deviation(4)(varied) > 0.1).all()


@pytest.mark.parametrize("build", BUILDS)
def test_first_and_second_gradients(build: Callable) -> None:
    layer, features = build(group=3), draw(6, FEATURES).requires_grad_()
    assert torch.autograd.gradcheck(layer, features)
    assert torch.autograd.gradgradcheck(layer, features)


@pytest.mark.parametrize("build", BUILDS)
def test_equal_images_have_finite_gradients_also_of_a_gradient_penalty(build: Callable) -> None:
    layer = build(group=4)
    image = draw(1, FEATURES).repeat(4, 1).float().unflatten(1, (1, 2, 3))
    layer.float()
    extra = torch.ones((), requires_grad=True)
    penalty = GradientPenalty()(lambda x: extra * layer(x.flatten(1)).sum(1), image, image, image, image)
    penalty.backward()
    assert extra.grad is not None
    assert extra.grad.isfinite()


def test_the_spread_of_half_precise_features_is_computed_precisely() -> None:
    features = (100 + draw(8, FEATURES)).bfloat16()
    layer = standard_deviation(group=8)
    torch.testing.assert_close(layer(features).double(), layer(features.double()), rtol=1e-5, atol=0)


def test_the_head_inside_takes_the_statistic_for_further_features() -> None:
    torch.manual_seed(0)
    statistic = partial(MinibatchDiscrimination, kernels=KERNELS, dimension=DIMENSION, group=4)
    head = MinibatchHead(FEATURES, NoNorm(), 3, statistic, ProjectionHead).double()
    features, label = draw(4, FEATURES), torch.tensor([2, 0, 1, 0])
    c = OneHot(3)(label)
    wide = np.hstack([features.numpy(), head.statistic(features).detach().numpy()])
    weight, bias = head.head.linear.weight.detach().numpy(), head.head.linear.bias.detach().numpy()
    embedding = head.head.embedding.weight.detach().numpy()
    expected = [[weight[0] @ wide[i] + bias[0] + embedding[c] @ wide[i]] for i, c in enumerate(label)]
    np.testing.assert_allclose(head(features, c).detach(), expected, rtol=1e-12)


def test_spectral_norm_divides_the_kernels_by_their_largest_singular_value() -> None:
    torch.manual_seed(0)
    layer = MinibatchDiscrimination(FEATURES, SpectralNorm(), KERNELS, DIMENSION, group=4)
    for _ in range(100):
        layer(draw(4, FEATURES).float())
    layer.eval()
    largest = np.linalg.svd(layer.transform.weight.detach().numpy(), compute_uv=False)[0]
    assert largest == pytest.approx(1, abs=1e-4)


def test_the_head_goes_on_in_the_precision_of_the_features() -> None:
    statistic = partial(MinibatchStandardDeviation, group=4)
    head = MinibatchHead(FEATURES, NoNorm(), 0, statistic, LinearHead).bfloat16()
    assert head(draw(4, FEATURES).bfloat16(), torch.zeros(4, 0)).dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MinibatchDiscrimination(FEATURES, NoNorm(), 0, 5, 4), r"statistic\.kernels=0"),
        (lambda: MinibatchDiscrimination(FEATURES, NoNorm(), 4, 0, 4), r"statistic\.dimension=0"),
        (lambda: MinibatchDiscrimination(FEATURES, NoNorm(), 4, 5, 1), r"statistic\.group=1.*dataset\.batch_size"),
        (lambda: MinibatchStandardDeviation(FEATURES, NoNorm(), 1), r"statistic\.group=1"),
    ],
)
def test_a_setting_that_cannot_work_is_named(build: Callable, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        build()
