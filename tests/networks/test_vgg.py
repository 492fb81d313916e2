"""Discriminators of SRGAN and ESRGAN: the sizes that they take, and their features."""

import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.networks import BatchNorm, InstanceNorm, SRGANDiscriminator, VGGDiscriminator


@pytest.mark.parametrize(
    ("make", "size", "features", "multiple"),
    [(SRGANDiscriminator, (32, 48), 32 * 2 * 3, 16), (VGGDiscriminator, (64, 96), 32 * 2 * 3, 32)],
)
def test_discriminators_judge_whole_windows_and_keep_what_is_where(make, size, features, multiple):
    network = make(3, size, BatchNorm(), width=4)
    verdict = network(torch.randn(2, 3, *size), torch.zeros(2, dtype=torch.long))
    assert verdict.logits.shape == (2, 1)
    assert verdict.features.shape == (2, features) == (2, network.feature_dim)
    with pytest.raises(SettingError, match=f"multiples of {multiple}"):
        make(3, (size[0] + 8, size[1]), BatchNorm())
    with pytest.raises(SettingError, match="InstanceNorm standardises"):
        make(3, (multiple, multiple), InstanceNorm())
