"""Short names for learning rates."""

import pytest

from gan_lightning.composition import with_rates
from gan_lightning.errors import SettingError


def rates(config):
    parts = config.model.optimisation
    return parts.generator.lr, parts.discriminator.lr


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], (0.001, 0.0005)),
        (["lr=0.01"], (0.01, 0.01)),
        (["generator_lr=0.01"], (0.01, 0.0005)),
        (["lr=0.02", "discriminator_lr=0.03"], (0.02, 0.03)),
        (["experiment=dcgan_cifar10", "dataset=fake", "lr=0.04"], (0.04, 0.04)),
    ],
)
def test_short_names_replace_the_rates_of_recipes_and_experiments(composed, given, expected):
    config = composed(*given)
    changed = with_rates(config)
    assert rates(changed) == expected
    assert (changed.lr, changed.generator_lr, changed.discriminator_lr) == (None, None, None)
    assert rates(config) == rates(composed(*(part for part in given if "lr=" not in part)))


@pytest.mark.parametrize("setting", ["lr", "generator_lr", "discriminator_lr"])
def test_a_model_without_such_a_player_refuses(composed, setting):
    config = composed(f"{setting}=0.01")
    del config.model.optimisation.generator, config.model.optimisation.discriminator
    with pytest.raises(
        SettingError, match=f"{setting}=0.01: this model lacks this rate in model.optimisation; it has none"
    ):
        with_rates(config)
