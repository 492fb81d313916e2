"""Lightning's own callbacks that watch a score go on with a resumed run as if it had never ended."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_lightning.callbacks import check_monitors
from gan_lightning.errors import SettingError
from gan_lightning.training import train

FAKE = [
    *("dataset=fake", "dataset.source.size=72", "dataset.batch_size=8", "dataset.resolution=16", "network.width=4"),
    *("metrics.extractor.images=200", "metrics.num_fake=70", "trainer.log_every_n_steps=1"),
    *("+callbacks.early._target_=lightning.pytorch.callbacks.EarlyStopping", "+callbacks.early.monitor=fid_classifier"),
    *("+callbacks.early.patience=50", "+callbacks.early.check_on_train_epoch_end=true"),
    *("+callbacks.loss._target_=lightning.pytorch.callbacks.EarlyStopping", "+callbacks.loss.monitor=loss_generator"),
    *("+callbacks.loss.patience=50", "+callbacks.loss.check_on_train_epoch_end=true"),
    "+callbacks.kept._target_=lightning.pytorch.callbacks.ModelCheckpoint",
    *("+callbacks.kept.monitor=loss_discriminator", "+callbacks.kept.save_on_train_epoch_end=true"),
    *("+callbacks.kept.filename=kept", "+callbacks.kept.dirpath=${run_dir}/kept"),
    "+callbacks.rates._target_=lightning.pytorch.callbacks.LearningRateMonitor",
    *(
        "+callbacks.timer._target_=lightning.pytorch.callbacks.Timer",
        "+callbacks.timer.interval=epoch",
        "+callbacks.timer.duration={hours: 1}",
    ),
]


def watched(run: Path) -> dict[str, Any]:
    """What the newest checkpoint says of the callbacks that watch scores."""
    callbacks = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["callbacks"]
    early = {
        name: (state["wait_count"], float(state["best_score"])) for name, state in callbacks.items() if "Early" in name
    }
    kept = {name: state["best_model_score"] for name, state in callbacks.items() if "loss_discriminator" in name}
    return early | kept


def test_monitored_callbacks_go_on_from_the_end_of_an_epoch(composed, tmp_path):
    train(composed(*FAKE, "trainer.max_epochs=3", f"run_dir={tmp_path}/whole"))
    train(composed(*FAKE, "trainer.max_epochs=2", f"run_dir={tmp_path}/parts"))
    train(composed(*FAKE, "trainer.max_epochs=3", f"run_dir={tmp_path}/parts", f"resume={tmp_path}/parts"))
    expected = watched(tmp_path / "whole")
    assert len(expected) == 3
    assert watched(tmp_path / "parts") == expected


LIGHTNING = "lightning.pytorch.callbacks"
BEST = {"_target_": f"{LIGHTNING}.ModelCheckpoint", "monitor": "swd", "mode": "min"}


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        ("EarlyStopping", {"monitor": "nothing"}, "computes fid, swd; .*check_on_train_epoch_end=true"),
        ("early_stopping.EarlyStopping", {"monitor": "loss_generator"}, "callbacks.mine.monitor=loss_generator"),
        ("ModelCheckpoint", {"monitor": "loss_generator"}, "callbacks.mine.save_on_train_epoch_end=true"),
        ("ModelCheckpoint", {"monitor": "swd", "mode": "min"}, "the best swd already"),
        ("ModelCheckpoint", {"monitor": "swd"}, "the best swd already"),
    ],
)
def test_what_no_validation_computes_is_refused_at_the_start(kind, settings, expected):
    with pytest.raises(SettingError, match=expected):
        check_monitors({"best": BEST, "mine": {"_target_": f"{LIGHTNING}.{kind}", **settings}}, ["fid", "swd"])


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("EarlyStopping", {"monitor": "swd"}),
        ("EarlyStopping", {"monitor": "loss_generator", "check_on_train_epoch_end": True}),
        ("ModelCheckpoint", {"monitor": "fid"}),
        ("ModelCheckpoint", {"monitor": "swd", "every_n_epochs": 2}),
        ("ModelCheckpoint", {"monitor": None}),
        ("LearningRateMonitor", {}),
    ],
)
def test_what_a_validation_computes_may_be_watched(kind, settings):
    check_monitors({"best": BEST, "mine": {"_target_": f"{LIGHTNING}.{kind}", **settings}}, ["fid", "swd"])


SHORT = ["dataset=fake", "dataset.source.size=64", "dataset.batch_size=8", "dataset.resolution=16", "network.width=4"]
READY = ["callbacks=[base,early_stopping]", "metrics=swd", "metrics.num_fake=8"]


def test_ready_early_stopping_watches_the_score_that_chooses_the_best_checkpoint(composed, tmp_path, caplog):
    """The first validation is the best, because no later one is better by as much as is asked for."""
    caplog.set_level(logging.INFO, "gan_lightning")
    budget = ["max_images=800", "trainer.val_check_interval=10"]
    train(
        composed(
            *SHORT, *READY, *budget, "callbacks.early_stopping.patience=2", "callbacks.early_stopping.min_delta=1e9"
        )
    )
    assert "callbacks.early_stopping has ended the run: swd did not improve any more" in caplog.text
    (state,) = [
        state
        for name, state in torch.load(tmp_path / "run/checkpoints/last.ckpt")["callbacks"].items()
        if name.startswith("EarlyStopping")
    ]
    assert state["wait_count"] == state["patience"] == 2
    assert images_seen(tmp_path) == 3 * 80
    with pytest.raises(SettingError, match="callbacks.early_stopping: watches the score .* have none; .* metrics="):
        train(composed(*SHORT, "callbacks=[base,early_stopping]", "metrics=none", f"run_dir={tmp_path}/none"))


def test_a_run_ends_with_its_time_and_goes_on_with_more(composed, tmp_path, caplog):
    caplog.set_level(logging.INFO, "gan_lightning")
    run = [*SHORT, "callbacks=base", "metrics=none"]
    train(composed(*run, "max_time=00:00:00:01", "max_images=100000"))
    assert "max_time=00:00:00:01 has ended the run" in caplog.text
    seen = images_seen(tmp_path)
    assert 0 < seen < 100000
    resume = f"resume={tmp_path}/run"
    train(composed(*run, "max_time=00:00:00:01", "max_images=100000", resume))
    assert re.search("Nothing was left to do .*max_time=00:00:00:01.*; a larger value would go on", caplog.text)
    train(composed(*run, "max_time={hours: 1}", f"max_images={seen + 40}", resume))
    assert images_seen(tmp_path) == seen + 40
    assert caplog.text.count("has ended the run") == 1


@pytest.mark.parametrize("interval", [20, 100])
def test_a_run_that_is_ended_between_two_validations_is_validated_and_saved(composed, tmp_path, caplog, interval):
    """At the end of an epoch Lightning validates no more; with another batch it does."""
    caplog.set_level(logging.INFO, "gan_lightning")
    early = ["_target_=lightning.pytorch.callbacks.EarlyStopping", "monitor=loss_generator", "min_delta=1e9"]
    early += ["check_on_train_epoch_end=true", "patience=3"]
    train(
        composed(
            *(*SHORT, "metrics=none", "max_images=1600", f"trainer.val_check_interval={interval}"),
            *("trainer.log_every_n_steps=1", *(f"+callbacks.early.{setting}" for setting in early)),
        )
    )
    assert "callbacks.early has ended the run" in caplog.text
    assert images_seen(tmp_path) == 4 * 64 + 8
    assert (tmp_path / "run/samples/000000264.png").exists()


def test_a_checkpoint_callback_of_ones_own_goes_on_with_its_last_validation(composed, tmp_path):
    """All of its files are those that it will rank and delete after a resume."""
    kind = "lightning.pytorch.callbacks.ModelCheckpoint"
    own = ["dirpath=${run_dir}/own", "monitor=swd", "mode=max", "save_top_k=5", "filename='{step}'"]
    train(
        composed(
            *(*SHORT, "callbacks=base", "metrics=swd", "metrics.num_fake=8", "max_images=160"),
            *("trainer.val_check_interval=5", f"+callbacks.own._target_={kind}"),
            *(f"+callbacks.own.{setting}" for setting in own),
        )
    )
    states = torch.load(tmp_path / "run/checkpoints/last.ckpt")["callbacks"].values()
    (known,) = [state["best_k_models"] for state in states if state.get("dirpath") == str(tmp_path / "run/own")]
    assert sorted(map(Path, known)) == sorted((tmp_path / "run/own").glob("*.ckpt"))
    assert len(known) == 4


def images_seen(folder: Path) -> int:
    return torch.load(folder / "run/checkpoints/last.ckpt")["counters"]["images_seen"]
