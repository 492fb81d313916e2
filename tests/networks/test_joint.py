"""A discriminator of images together with their latents."""

import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.networks import ImageOnly, JointDiscriminator, LinearHead, MLPDiscriminator, NoNorm


def test_the_discriminator_sees_the_latent_and_the_image():
    torch.manual_seed(0)
    image = MLPDiscriminator(1, 4, NoNorm(), ImageOnly, LinearHead)
    judge = JointDiscriminator(image, latent_dim=3, width=8, depth=2, dropout=0.5).eval()
    x, z, label = torch.rand(2, 1, 4, 4), torch.randn(2, 3), torch.zeros(2)
    logits = judge(x, z, label).logits
    assert logits.shape == (2, 1)
    assert not torch.allclose(logits, judge(x, -z, label).logits)
    assert not torch.allclose(logits, judge(-x, z, label).logits)
    with pytest.raises(SettingError, match=r"model.joint.dropout=1: "):
        JointDiscriminator(image, latent_dim=3, dropout=1)
