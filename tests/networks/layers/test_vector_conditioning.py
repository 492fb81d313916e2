"""Places for conditions that are vectors, against the published layers written plainly."""

import pytest
import torch
from torch.nn import functional as F

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    BatchNorm,
    ConditioningAugmentation,
    NoiseAndCompressedCondition,
    NoNorm,
    ReplicatedConditionHead,
)


def test_the_head_is_that_of_gan_cls():
    head = ReplicatedConditionHead(32 * 16, BatchNorm(), condition=10, embedding_dim=6, channels=8)
    head.eval()
    features, c = torch.randn(3, 32, 4, 4), torch.randn(3, 10)
    text = F.leaky_relu(head.embed[0](c), 0.2).reshape(3, 6, 1, 1).repeat(1, 1, 4, 4)
    mixed = F.conv2d(torch.cat([features, text], 1), head.mix[0].weight, head.mix[0].bias)
    statistics = head.mix[1].running_mean, head.mix[1].running_var, head.mix[1].weight, head.mix[1].bias
    mixed = F.leaky_relu(F.batch_norm(mixed, *statistics), 0.2)
    logits = (mixed * head.mix[3].weight).sum((1, 2, 3)) + head.mix[3].bias
    torch.testing.assert_close(head(features.flatten(1), c).squeeze(1), logits)


def test_without_an_embedding_c_stands_beside_the_features_as_in_dfgan():
    head = ReplicatedConditionHead(32 * 16, NoNorm(), condition=10, embedding_dim=None, channels=8, kernel=3)
    features, c = torch.randn(3, 32, 4, 4), torch.randn(3, 10)
    both = torch.cat([features, c[:, :, None, None].repeat(1, 1, 4, 4)], 1)
    mixed = F.leaky_relu(F.conv2d(both, head.mix[0].weight, head.mix[0].bias, padding=1), 0.2)
    logits = F.conv2d(mixed, head.mix[3].weight, head.mix[3].bias)
    torch.testing.assert_close(head(features.flatten(1), c), logits.flatten(1))


def test_the_condition_is_compressed_behind_the_noise():
    latent = NoiseAndCompressedCondition(5, 10, embedding_dim=3)
    z, c = torch.randn(2, 5), torch.randn(2, 10)
    made = latent(z, c)
    assert latent.features == 8
    assert torch.equal(made[:, :5], z)
    torch.testing.assert_close(made[:, 5:], F.leaky_relu(latent.compress[0](c), 0.2))


def test_what_conditioning_augmentation_draws_is_normal_with_the_mean_at_epsilon_0():
    latent = ConditioningAugmentation(8, 10, embedding_dim=3).double()
    z, c = torch.randn(2, 8).double(), torch.randn(2, 10).double()
    mean, log_deviation = F.leaky_relu(c @ latent.describe[0].weight.T + latent.describe[0].bias, 0.2).split(3, 1)
    assert latent.features == 8
    assert torch.equal(latent(z, c)[:, :5], z[:, :5])
    z[:, 5:] = 0
    torch.testing.assert_close(latent(z, c)[:, 5:], mean)
    epsilon = torch.randn(50_000, 3, generator=torch.Generator().manual_seed(0)).double()
    many = torch.cat([torch.zeros(50_000, 5), epsilon], 1)
    drawn = latent(many, c[:1].expand(50_000, -1))[:, 5:]
    expected = torch.distributions.Normal(mean[0], log_deviation[0].exp())
    quantiles = torch.tensor([0.1, 0.5, 0.9]).double()
    found = drawn.quantile(quantiles, dim=0)
    torch.testing.assert_close(found, expected.icdf(quantiles[:, None]), atol=0.03, rtol=0)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ((8, 0, 3), "needs a condition, such as captions"),
        ((8, 10, 9), r"conditioning.latent.embedding_dim=9: .* which has 8; choose at most 8"),
    ],
)
def test_an_augmentation_that_cannot_work_is_refused(settings, said):
    with pytest.raises(SettingError, match=said):
        ConditioningAugmentation(*settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"condition": 0}, "needs a condition"),
        ({"features": 100}, "100 numbers, which are no map of 4 x 4 pixels"),
        ({"kernel": 2}, r"conditioning.head.kernel=2: an odd number"),
    ],
)
def test_a_head_that_cannot_work_is_refused(settings, said):
    with pytest.raises(SettingError, match=said):
        ReplicatedConditionHead(**{"features": 128, "norm": NoNorm(), "condition": 4, **settings})
