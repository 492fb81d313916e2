"""A trainer that leaves out what has no effect calls what has one, as Lightning's own trainer does."""

from typing import Any

import lightning.pytorch as L
import pytest
from lightning.pytorch.callbacks import LambdaCallback
from lightning.pytorch.demos.boring_classes import ManualOptimBoringModel
from lightning.pytorch.profilers import SimpleProfiler
from omegaconf import DictConfig
from runs import gan_train

from gan_lightning.runs.trainer import EVERY_BATCH, build_trainer

SETTINGS: dict[str, Any] = {
    "max_epochs": 1,
    "limit_train_batches": 2,
    "limit_val_batches": 0,
    "accelerator": "cpu",
    "enable_model_summary": False,
    "enable_progress_bar": False,
    "enable_checkpointing": False,
}

pytestmark = pytest.mark.filterwarnings("ignore:.*does not have many workers.*", "ignore:.*logging interval.*")


def ours(callbacks: list[L.Callback], **more: Any) -> L.Trainer:
    config = DictConfig({"_target_": "lightning.pytorch.Trainer", **SETTINGS, **more})
    return build_trainer(config, callbacks, [], None)


def lightnings(callbacks: list[L.Callback]) -> L.Trainer:
    return L.Trainer(callbacks=callbacks, logger=[], **SETTINGS)


def having(*hooks: str, noting: list[tuple[int, str]], number: int) -> L.Callback:
    """A callback with these hooks, which note its number and their names."""

    def note(hook: str) -> Any:
        return lambda self, *args: noting.append((number, hook))

    return type("Noting", (L.Callback,), {hook: note(hook) for hook in hooks})()


def test_every_hook_that_a_callback_has_is_called_as_often_and_in_the_same_order():
    noted = {}
    for build in (ours, lightnings):
        calls = noted[build] = []
        callbacks = [
            having(*EVERY_BATCH, noting=calls, number=0),
            having("on_train_batch_start", noting=calls, number=1),
            having("on_after_backward", "on_train_epoch_end", noting=calls, number=2),
            LambdaCallback(on_train_batch_end=lambda *args, calls=calls: calls.append((3, "on_train_batch_end"))),
        ]
        build(callbacks).fit(ManualOptimBoringModel())
    assert noted[ours] == noted[lightnings]
    assert {hook for number, hook in noted[ours] if number == 0} == set(EVERY_BATCH)
    assert noted[ours].count((3, "on_train_batch_end")) == SETTINGS["limit_train_batches"]


@pytest.mark.parametrize("hook", EVERY_BATCH)
def test_empty_hooks_are_not_called(monkeypatch, hook):
    called = []
    monkeypatch.setattr(L.Callback, hook, lambda *args: called.append(hook))
    ours([L.Callback()]).fit(ManualOptimBoringModel())
    assert not called
    lightnings([L.Callback()]).fit(ManualOptimBoringModel())
    assert called


def test_a_profiler_that_is_chosen_measures():
    trainer = ours([], profiler="simple")
    trainer.fit(ManualOptimBoringModel())
    assert isinstance(trainer.profiler, SimpleProfiler)
    assert trainer.profiler.recorded_durations["run_training_batch"]


def test_the_report_of_a_profiler_is_printed(tmp_path):
    data = ["dataset=fake", "dataset.source.size=16", "dataset.batch_size=8", "dataset.resolution=16"]
    settings = [
        *data,
        "network.width=4",
        "metrics=none",
        "max_generator_steps=2",
        "~callbacks.curves",
        "+trainer.profiler=simple",
    ]
    status, said = gan_train(*settings, folder=tmp_path)
    assert status == 0, said
    assert "Action" in said
    assert "run_training_batch" in said
