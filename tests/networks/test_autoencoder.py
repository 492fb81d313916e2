"""The discriminator of EBGAN, whose logit is minus the error of its reconstruction."""

import numpy as np
import pytest
import torch
from configured import build
from formulas import batch_norm, draw, leaky, relu
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    AutoencoderDiscriminator,
    BatchNorm,
    ImageAndCondition,
    ImageOnly,
    NoNorm,
    OneHot,
)


@pytest.mark.parametrize(("size", "code"), [((16, 20), (4, 5)), ((64, 32), (8, 4))], ids=str)
@pytest.mark.parametrize("image_input", [ImageOnly, ImageAndCondition], ids=["image", "label"])
def test_an_autoencoders_logit_is_minus_the_mean_squared_error_of_the_picture(size, code, image_input) -> None:
    critic = AutoencoderDiscriminator(3, size, BatchNorm(), image=image_input, width=2, embedder=OneHot(3))
    image, label = draw(2, 3, *size).tanh(), torch.tensor([0, 2])
    first = critic.encoder(critic.image(image, critic.embedder(label)))
    assert first.shape[2:] == code
    verdict = critic(image, label)
    assert torch.equal(verdict.features, first.flatten(1))
    assert verdict.features.shape == (2, critic.feature_dim)
    made = critic.decoder(first).detach().numpy()
    assert made.shape == image.shape
    expected = -((made - image.numpy()) ** 2).reshape(2, -1).mean(1, keepdims=True)
    np.testing.assert_allclose(verdict.logits.detach(), expected, rtol=1e-5)


def test_an_autoencoder_is_as_wide_backwards_and_normalises_all_but_the_outer_layers() -> None:
    _, critic = build("autoencoder", critic_norm="batch", resolution=32)
    for layer in critic.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.ones_(layer.weight)
    image = draw(3, 3, 32, 32).tanh()
    first, *others = (m for m in critic.encoder if isinstance(m, nn.Conv2d))
    *backwards, last = (m for m in critic.decoder if isinstance(m, nn.ConvTranspose2d))
    assert [m.out_channels for m in (first, *others, *backwards, last)] == [4, 8, 16, 8, 4, 3]
    x = leaky(first(image))
    for layer in others:
        x = leaky(batch_norm(layer(x)))
    for layer in backwards:
        x = relu(batch_norm(layer(x)))
    energy = (torch.tanh(last(x)) - image).square().mean((1, 2, 3))
    torch.testing.assert_close(critic(image, torch.zeros(3)).score, -energy, rtol=1e-4, atol=1e-6)


def test_a_size_that_an_autoencoder_cannot_halve_is_refused() -> None:
    with pytest.raises(SettingError, match=r"dataset\.resolution=\[32,66\]: an autoencoder that halves 3 times"):
        AutoencoderDiscriminator(3, (32, 66), NoNorm(), image=ImageOnly)
