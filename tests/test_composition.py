"""Short names for learning rates and for the number of images that are scored."""

import re

import composing
import pytest
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf

from gan_lightning.composition import refuse_what_cannot_go_together, with_rates
from gan_lightning.console.config import CONF
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


@pytest.mark.parametrize(
    "overrides",
    [
        ["model=wgan_gp", "dataset=fake", "seed=3", "network.width=4", "run_dir='a b'", "max_images=9"],
        [
            "penalty=[gradient,r1]",
            "~callbacks.curves",
            "+callbacks.fault._target_=faults.Fault",
            "+trainer.max_steps=9",
        ],
        [
            "loss=lsgan",
            "loss.a=0.5",
            "+ramp@model.optimisation.generator.lr=linear",
            "metrics.scores={}",
            "spec={a: 1}",
        ],
        ["experiment=toy_ring", "dataset.mixture.radius=2", "max_images=null", "data_dir=${cache_dir}/x"],
    ],
)
def test_tests_compose_what_hydra_composes(overrides):
    """Twice, so that the second one is of what was composed before."""
    with initialize_config_dir(CONF, version_base="1.3"):
        expected = compose("train", overrides)
    for _ in range(2):
        found = composing.composed("train", *overrides)
        assert found == expected
        assert OmegaConf.is_struct(found)
        found.seed = 100  # of this copy only


@pytest.mark.parametrize(
    "override", ["sead=3", "network.widht=4", "modle=gan", "loss=hinje", "seed=1,2", "~lr.x", "+seed=1"]
)
def test_tests_compose_nothing_that_hydra_refuses(override):
    with initialize_config_dir(CONF, version_base="1.3"), pytest.raises(HydraException) as expected:
        compose("train", [override])
    with pytest.raises(type(expected.value)) as found:
        composing.composed("train", override)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("model", ["vae", "autoencoder", "igebm"])
@pytest.mark.parametrize("word", ["loss=hinge", "loss.real_target=0.9", "game=top_k", "+ramp@game.share=linear"])
def test_a_loss_that_was_typed_for_a_model_without_one_is_refused(composed, model, word):
    typed = f"command=['model={model}','{word}']"
    with pytest.raises(
        SettingError, match=f"^{re.escape(word)}: gan_lightning.models.* has no adversarial loss; leave"
    ):
        refuse_what_cannot_go_together(composed(f"model={model}", "metrics=none", typed))
    refuse_what_cannot_go_together(composed(f"model={model}", "metrics=none", f"command=['model={model}']"))


def test_a_loss_may_be_typed_for_every_model_that_has_one(composed):
    for model in ("dcgan", "vae_gan", "bigan", "lapgan"):
        config = composed(f"model={model}", "loss=hinge", "command=['loss=hinge']")
        refuse_what_cannot_go_together(config)


def test_a_model_may_take_its_loss_under_another_name(composed):
    config = composed("model=vae", "metrics=none", "+model.objective=${game}", "command=['loss=hinge']")
    refuse_what_cannot_go_together(config)
