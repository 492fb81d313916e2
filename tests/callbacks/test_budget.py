"""How long a run is, what is said of it, and when it validates."""

import logging

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.training import train

SMALL = [
    *("dataset=fake", "dataset.source.num_classes=0", "dataset.source.size=80", "dataset.resolution=16"),
    *("dataset.batch_size=8", "network.width=4", "metrics=none"),
]


@pytest.fixture
def validated(composed, tmp_path):
    """`validated(...)`: after how many images a run with these settings has validated."""

    def run(*settings: str) -> list[int]:
        train(composed(*SMALL, *settings))
        return [int(path.stem) for path in sorted((tmp_path / "run" / "samples").iterdir())][1:]

    return run


@pytest.mark.parametrize(
    ("settings", "images"),
    [
        ([], 160_000),
        (["max_images=1000"], 1000),
        (["max_generator_steps=10"], None),
        (["trainer.max_epochs=3"], None),
        (["trainer.max_epochs=3", "max_images=1000"], 1000),
        (["trainer.max_epochs=-1"], 160_000),
        (["model=cyclegan", "dataset=fake_unpaired"], 32_000),
        (["model=pix2pix", "dataset=fake_pairs"], 32_000),
        (["experiment=cyclegan_horse2zebra"], None),
        (["experiment=dcgan_celeba"], None),
        (["experiment=dcgan_cifar10"], None),
    ],
)
def test_without_a_budget_it_is_a_number_of_images(composed, settings, images):
    config = composed(*settings)
    assert config.model.optimisation.max_images == images


@pytest.mark.parametrize(
    ("settings", "per_step"),
    [
        (["model.optimisation.accumulate=1000", "max_images=80"], 1000),
        (["model.optimisation.accumulate=4", "model.critic_steps=3", "max_images=80"], 12),
        (["model.optimisation.accumulate=1000", "trainer.max_epochs=1"], 1000),
    ],
)
def test_budget_too_small_for_one_step_is_refused(composed, tmp_path, settings, per_step):
    with pytest.raises(SettingError, match=rf"a generator step takes {per_step:,} batches, and the budget is 10, so"):
        train(composed(*SMALL, *settings))
    assert not (tmp_path / "run" / "checkpoints").exists()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            ["trainer.val_check_interval=11", "trainer.check_val_every_n_epoch=1"],
            "trainer.val_check_interval=11: an epoch has 10 batches; a smaller number, or trainer.check_val_every_n_ep",
        ),
        (
            ["trainer.val_check_interval=6", "trainer.check_val_every_n_epoch=2", "trainer.limit_train_batches=0.5"],
            "trainer.val_check_interval=6: an epoch has 5 batches; ",
        ),
        (
            ["trainer.val_check_interval=0.05"],
            "trainer.val_check_interval=0.05: an epoch has 10 batches, of which this is less than one; .* from 0.1$",
        ),
        (
            ["trainer.limit_train_batches=0.01"],
            "trainer.limit_train_batches=0.01: an epoch has 10 batches, of which this is less than one; ",
        ),
    ],
)
def test_what_does_not_fit_the_length_of_an_epoch_is_refused(composed, tmp_path, settings, told):
    with pytest.raises(SettingError, match=f"^{told}"):
        train(composed(*SMALL, "max_images=160", *settings))
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_validations_do_not_depend_on_the_size_of_the_data(validated, monkeypatch):
    monkeypatch.setattr("gan_lightning.callbacks.budget.LEAST_BETWEEN", 1)
    # 32 batches of 8, where an epoch has 10.
    assert validated("max_images=256") == [16 * number for number in range(1, 17)]


def test_validations_are_spread_over_all_phases_of_a_run(composed, tmp_path, monkeypatch):
    monkeypatch.setattr("gan_lightning.callbacks.budget.LEAST_BETWEEN", 1)
    phases = ["model.likelihood_steps=20", "model.discriminator_steps=8", "model.critic_steps=2"]
    small = ["dataset=fake_sequences", "dataset.batch_size=2", "network.width=8", "metrics=none"]
    train(composed("model=seqgan", *small, *phases, "max_generator_steps=2"))
    seen = [int(path.stem) for path in sorted((tmp_path / "run" / "samples").glob("*.png"))][1:]
    assert seen == [4 * number for number in range(1, 17)]


def test_a_short_run_does_not_validate_all_the_time(validated):
    assert validated("max_images=1200") == [1000, 1200]


@pytest.mark.parametrize(
    ("settings", "images"),
    [
        (["trainer.max_epochs=2"], [80, 160]),
        (["trainer.max_epochs=17"], [160 * number for number in range(1, 9)] + [1360]),
        (["max_images=320", "trainer.check_val_every_n_epoch=2"], [160, 320]),
        (["max_images=120", "trainer.val_check_interval=0.5"], [40, 80, 120]),
        (["max_images=200", "trainer.val_check_interval=12"], [96, 192, 200]),
        (["max_generator_steps=20", "trainer.check_val_every_n_epoch=1"], [80, 160]),
    ],
)
def test_intervals_that_are_given_count(validated, settings, images):
    assert validated(*settings) == images


def test_a_small_budget_is_warned_of(composed, caplog):
    caplog.set_level(logging.INFO)
    train(composed(*SMALL, "max_images=80", "model.critic_steps=2"))
    assert "Validation after every 1,000 images" in caplog.text
    (warning,) = [record for record in caplog.records if "too small to learn" in record.message]
    assert warning.levelname == "WARNING"
    assert "takes 5 steps" in warning.message
    assert "max_images=16000" in caplog.text


def test_steps_by_likelihood_are_steps_of_the_generator(composed, caplog):
    phases = ["model.likelihood_steps=20", "model.discriminator_steps=8", "model.critic_steps=2"]
    small = ["dataset=fake_sequences", "dataset.batch_size=2", "network.width=8", "metrics=none"]
    train(composed("model=seqgan", *small, *phases, "max_generator_steps=2"))
    assert "the generator takes 22 steps, and even a small one needs 1,000" in caplog.text


def test_a_budget_in_epochs_is_warned_of_in_steps(composed, caplog):
    caplog.set_level(logging.INFO)
    train(composed(*SMALL, "trainer.max_epochs=1"))
    assert "Validation after every epoch" in caplog.text
    assert "takes 10 steps" in caplog.text
