"""Networks of linear layers: how many numbers they hold, and the norm that they refuse."""

import pytest
from formulas import count

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    ImageOnly,
    InstanceNorm,
    LinearHead,
    MLPDiscriminator,
    MLPGenerator,
    NoGeneratorNorm,
    NoiseOnly,
    NoNorm,
)


def test_instance_norm_is_refused_by_a_critic_of_vectors() -> None:
    with pytest.raises(SettingError, match=r"InstanceNorm .*\(network=mlp\) has 1; use critic_norm=layer, "):
        MLPDiscriminator(3, 16, InstanceNorm(), image=ImageOnly, head=LinearHead)


def test_networks_hold_a_matrix_and_a_bias_for_each_layer() -> None:
    generator = MLPGenerator(3, 16, latent=NoiseOnly, norm=NoGeneratorNorm, hidden=(7, 11), latent_dim=5)
    critic = MLPDiscriminator(3, 16, NoNorm(), image=ImageOnly, head=LinearHead, hidden=(11, 7))
    pixels = 3 * 16 * 16
    assert count(generator) == (5 + 1) * 7 + (7 + 1) * 11 + (11 + 1) * pixels
    assert count(critic) == (pixels + 1) * 11 + (11 + 1) * 7 + (7 + 1)
