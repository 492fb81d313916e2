"""Places for conditions that are vectors, against the published layers written plainly."""

import pytest
import torch
from torch.nn import functional as F

from gan_lightning.errors import SettingError
from gan_lightning.networks import BatchNorm, NoiseAndCompressedCondition, NoNorm, ReplicatedConditionHead


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
