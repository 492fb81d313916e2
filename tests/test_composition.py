"""Short names for learning rates and for the number of images that are scored."""

import pytest

from gan_lightning.composition import refuse_what_cannot_go_together, with_rates
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


@pytest.mark.parametrize("recipe", [[], ["metrics=none"], ["metrics=inception"], ["experiment=toy_ring"]])
@pytest.mark.parametrize("given", [["num_fake=30"], ["metrics.num_fake=30"], ["num_fake=30", "metrics.num_fake=30"]])
def test_number_of_scored_images_has_a_short_name_and_its_own(composed, recipe, given):
    config = composed(*recipe, *given)
    assert (config.metrics.num_fake, config.dataset.num_fake) == (30, 30)


@pytest.mark.parametrize(
    ("given", "number"),
    [([], 2000), (["metrics=inception"], 10_000), (["experiment=dcgan_cifar10"], 50_000), (["metrics=none"], 1)],
)
def test_scores_say_how_many_images_they_take_where_nobody_else_does(composed, given, number):
    config = composed(*given)
    assert (config.num_fake, config.metrics.num_fake, config.dataset.num_fake) == (None, number, number)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["num_fake=30", "metrics.num_fake=40"], "num_fake=30: metrics.num_fake=40 says otherwise"),
        (["num_fake=30", "model=cyclegan"], "num_fake=30: these scores take no number of images"),
    ],
)
def test_two_numbers_of_scored_images_and_one_too_many_are_refused(composed, given, message):
    with pytest.raises(SettingError, match=message):
        refuse_what_cannot_go_together(composed(*given))
