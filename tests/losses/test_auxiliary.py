"""Auxiliary tasks against their equations: cross entropies written out with scipy, distances of means."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.losses import AuxiliaryClassifier, FeatureMatching, Information

LABEL = torch.tensor([0, 2, 1, 2, 0])


@pytest.fixture
def task() -> AuxiliaryClassifier:
    torch.manual_seed(0)
    return AuxiliaryClassifier(features=4, num_classes=3, weight=2.5)


@pytest.fixture
def features() -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(1)
    return 3 * torch.randn(5, 4, generator=draw), 3 * torch.randn(5, 4, generator=draw)


def cross_entropy(task: AuxiliaryClassifier, features: Tensor) -> float:
    weight, bias = (p.detach().double().numpy() for p in (task.head.weight, task.head.bias))
    log_p = log_softmax(features.double().numpy() @ weight.T + bias, axis=1)
    return -log_p[np.arange(5), LABEL].mean()


def test_the_discriminator_names_the_classes_of_real_and_fake(
    task: AuxiliaryClassifier, features: tuple[Tensor, Tensor]
) -> None:
    real, fake = features
    expected = 2.5 * (cross_entropy(task, real) + cross_entropy(task, fake))
    assert task.discriminator_loss(real, fake, LABEL).item() == pytest.approx(expected, rel=1e-5)


def test_the_generator_pays_for_its_own_images_alone(
    task: AuxiliaryClassifier, features: tuple[Tensor, Tensor]
) -> None:
    real, fake = features
    expected = 2.5 * cross_entropy(task, fake)
    assert not task.needs_real
    assert task.generator_loss(None, fake, LABEL).item() == pytest.approx(expected, rel=1e-5)
    assert task.generator_loss(real, fake, LABEL).item() == pytest.approx(expected, rel=1e-5)


def test_an_undecided_head_costs_the_logarithm_of_the_number_of_classes(
    task: AuxiliaryClassifier, features: tuple[Tensor, Tensor]
) -> None:
    torch.nn.init.zeros_(task.head.weight)
    torch.nn.init.zeros_(task.head.bias)
    assert task.generator_loss(None, features[1], LABEL).item() == pytest.approx(2.5 * np.log(3))


@pytest.mark.parametrize("num_classes", [0, 1])
def test_data_without_classes_are_refused(num_classes: int) -> None:
    with pytest.raises(SettingError, match="auxiliary=classifier, as in model=acgan, needs class labels"):
        AuxiliaryClassifier(features=4, num_classes=num_classes)


# --- feature matching ---


def test_feature_matching_equals_the_papers_equation(features: tuple[Tensor, Tensor]) -> None:
    real, fake = (values.double().requires_grad_() for values in features)
    task = FeatureMatching(features=4, weight=2.5)
    gap = real.detach().numpy().mean(0) - fake.detach().numpy().mean(0)
    loss = task.generator_loss(real, fake, LABEL)
    assert task.needs_real
    assert loss.item() == pytest.approx(2.5 * np.linalg.norm(gap) ** 2, rel=1e-12)
    loss.backward()
    np.testing.assert_allclose(fake.grad, np.tile(-2.5 * 2 * gap / 5, (5, 1)), rtol=1e-12)
    assert real.grad is None


def test_feature_matching_asks_nothing_of_the_discriminator(features: tuple[Tensor, Tensor]) -> None:
    task = FeatureMatching(features=4)
    assert task.discriminator_loss(*features, LABEL).item() == 0
    assert list(task.parameters()) == []


def test_a_negative_weight_of_feature_matching_is_refused() -> None:
    with pytest.raises(SettingError, match="feature_matching.weight=-1:"):
        FeatureMatching(features=4, weight=-1)


def test_means_that_differ_little_are_compared_exactly_in_half_precision() -> None:
    real = torch.full((64, 8), 3.0, dtype=torch.bfloat16)
    fake = real.clone()
    fake[::32] += 0.5  # two of 64: the means differ by 1/64, and bfloat16 has steps of 1/64 there
    fake[1] += 0.25
    value = FeatureMatching(8).generator_loss(real, fake, torch.zeros(64, dtype=torch.long))
    assert value.item() == pytest.approx(8 * (1.25 / 64) ** 2, rel=1e-5)


# --- InfoGAN: what images tell of the codes in their noise ---


def information(codes: list[int], read: Tensor) -> Information:
    """A task whose Q gives `read` for every image."""
    task = Information(features=3, codes=codes, width=4, weight=2.0)
    for parameter in task.parameters():
        torch.nn.init.zeros_(parameter)
    task.q[-1].bias.data = read
    return task


def test_an_undecided_q_knows_nothing_and_a_perfect_one_the_logarithm_of_ten() -> None:
    features, noise = torch.zeros(10, 3), torch.randn(10, 5)
    z = torch.cat([noise, torch.eye(10)], 1)
    assert information([10], torch.zeros(10)).bound(features, z).item() == pytest.approx(0, abs=1e-6)
    sure = information([10], 50 * torch.eye(10)[3])
    third = torch.cat([noise, torch.eye(10)[3].expand(10, -1)], 1)
    assert sure.bound(features, third).item() == pytest.approx(np.log(10), rel=1e-6)
    assert sure.generator_loss(None, features, LABEL, third).item() == pytest.approx(-2 * np.log(10), rel=1e-6)
    assert sure.discriminator_loss(features, features, LABEL, third) == sure.generator_loss(
        None, features, LABEL, third
    )


def test_a_number_is_read_as_the_mean_of_a_gaussian_of_variance_one() -> None:
    z = torch.tensor([[9.0, 0.5, -1.0], [9.0, -0.5, 1.0]])
    task = information([1, 1], torch.tensor([0.5, 0.0]))
    errors = [(0 + 1) / 2, (1 + 1) / 2]
    expected = sum(np.log(2) - 0.5 * error - 0.5 * np.log(2 * np.pi) for error in errors)
    assert task.bound(torch.zeros(2, 3), z).item() == pytest.approx(expected, rel=1e-6)


def test_codes_are_needed() -> None:
    with pytest.raises(SettingError, match=r"auxiliary=information: needs codes in the noise; use model=infogan"):
        Information(features=3, codes=[])
