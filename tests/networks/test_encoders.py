"""Encoders: the discriminator's layers with another end, a linear function without hidden layers, and refusals."""

import pytest
import torch
from formulas import draw

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    BatchNorm,
    DCGANDiscriminator,
    DCGANEncoder,
    ImageAndCondition,
    ImageOnly,
    InstanceNorm,
    LinearHead,
    MLPEncoder,
    NoNorm,
    OneHot,
)

LABEL = torch.zeros(2, dtype=torch.long)


def test_dcgans_encoder_is_a_linear_function_of_the_features_of_its_discriminator() -> None:
    encoder = DCGANEncoder(6, 3, (16, 24), BatchNorm(), ImageOnly, width=4)
    discriminator = DCGANDiscriminator(3, (16, 24), BatchNorm(), ImageOnly, LinearHead, width=4)
    discriminator.layers.load_state_dict(encoder.layers.state_dict())
    image = draw(2, 3, 16, 24)
    features = discriminator(image, LABEL).features
    expected = features @ encoder.to_code.weight.T + encoder.to_code.bias
    torch.testing.assert_close(encoder(image, LABEL), expected)
    assert expected.shape == (2, 6)


def test_an_encoder_without_hidden_layers_is_linear() -> None:
    encoder = MLPEncoder(5, 2, 4, NoNorm(), ImageOnly, hidden=())
    image = draw(2, 2, 4, 4)
    (layer,) = (part for part in encoder.layers if isinstance(part, torch.nn.Linear))
    torch.testing.assert_close(encoder(image, LABEL), image.flatten(1) @ layer.weight.T + layer.bias)


def test_hidden_layers_are_normalised_and_leaky() -> None:
    encoder = MLPEncoder(5, 2, 4, BatchNorm(), ImageOnly, hidden=(7, 6))
    image = draw(9, 2, 4, 4)
    first, second, last = (part for part in encoder.layers if isinstance(part, torch.nn.Linear))
    gains = [part.weight for part in encoder.layers.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    x = image.flatten(1)
    for layer, gain in zip((first, second), gains, strict=True):
        assert layer.bias is None  # the norm has a shift, which is zero at first
        x = x @ layer.weight.T
        x = gain * (x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-5).sqrt()
        x = torch.maximum(x, 0.2 * x)
    torch.testing.assert_close(encoder(image, torch.zeros(9)), x @ last.weight.T + last.bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("image", "hears"), [(ImageOnly, False), (ImageAndCondition, True)])
def test_a_label_changes_the_code_only_where_the_image_has_its_planes(image: type, hears: bool) -> None:
    picture = draw(2, 3, 16, 16)
    for encoder in (
        DCGANEncoder(6, 3, (16, 16), NoNorm(), image, width=4, embedder=OneHot(3)),
        MLPEncoder(6, 3, 16, NoNorm(), image, embedder=OneHot(3)),
    ):
        changed = encoder(picture, LABEL) != encoder(picture, torch.tensor([0, 2]))
        assert changed.any(1).tolist() == [False, hears]


def test_what_cannot_be_encoded_is_refused() -> None:
    with pytest.raises(SettingError, match=r"dataset\.resolution=\[32,66\]: a DCGAN encoder that halves 3 times"):
        DCGANEncoder(6, 3, (32, 66), NoNorm(), ImageOnly)
    with pytest.raises(SettingError, match=r"InstanceNorm .*\(encoder=mlp\) has 1; use encoder\.norm\._target_="):
        MLPEncoder(6, 3, 16, InstanceNorm(), ImageOnly)
