"""What checkpoints keep of a training step."""

from typing import Any

import lightning.pytorch as L
import pytest
import torch
from quadratic import Quadratic, data, trainer
from torch import Tensor, nn

from gan_lightning.models import Constant, Training
from gan_lightning.models.pool import ImagePool


def test_checkpoint_has_the_steps_of_every_player_and_what_is_remembered(tmp_path):
    training = Training(schedule=Constant(), max_images=3)
    module = Quadratic(["a", "b", "c"], training)
    fitting = trainer(tmp_path, max_epochs=2)
    fitting.fit(module, data(4))
    fitting.save_checkpoint(tmp_path / "half.ckpt")
    saved = torch.load(tmp_path / "half.ckpt", weights_only=True)
    counters = {"a_step": 3, "b_step": 3, "c_step": 3, "images_seen": 3, "skipped_steps": 0}
    assert saved["counters"] == counters | {"skipped_in_a_row": [0, 0, 0]}
    assert list(saved["processes"][0]["memories"]) == ["pool"]

    again = Quadratic(["a", "b", "c"], Training(schedule=Constant(), max_images=3))
    trainer(tmp_path, max_epochs=2).fit(again, data(4), ckpt_path=tmp_path / "half.ckpt", weights_only=True)
    assert [player.steps for player in again.players.values()] == [3, 3, 3]
    ours, theirs = again.pool.content(), module.pool.content()
    assert len(ours) == 2
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


class Progress(L.Callback):
    """The share of the budget that is spent at the beginning; ends after an epoch."""

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.share = pl_module.progress

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        trainer.should_stop = True


def test_epochs_of_more_processes_are_as_large_a_share_of_the_run(tmp_path):
    """Two processes need half as many batches for an epoch, so four of theirs are eight of the 16 of four epochs.

    With `trainer.limit_train_batches=N` an epoch has N batches in each process, and four of theirs are four of the 16.
    """
    module = Quadratic(["a"], Training(schedule=Constant()))
    fitting = trainer(tmp_path, max_epochs=1)
    fitting.fit(module, data(4))
    fitting.save_checkpoint(tmp_path / "two.ckpt")
    saved = torch.load(tmp_path / "two.ckpt", weights_only=True)
    saved["processes"] *= 2
    torch.save(saved, tmp_path / "two.ckpt")

    for name, share, limit in (("two", 0.25, 4), ("two", 0.5, 1.0), ("one", 0.75, 1.0)):
        module, look = Quadratic(["a"], Training(schedule=Constant())), Progress()
        fitting = trainer(tmp_path, max_epochs=4, callbacks=[look], limit_train_batches=limit)
        fitting.fit(module, data(4), ckpt_path=tmp_path / f"{name}.ckpt", weights_only=True)
        assert look.share == share
        fitting.save_checkpoint(tmp_path / "one.ckpt")


def test_pools_of_earlier_checkpoints_are_taken(tmp_path):
    module = Quadratic(["a"], Training(schedule=Constant()))
    module.pools = nn.ModuleDict({"a": ImagePool(2)})
    module.trainer = trainer(tmp_path)
    images = [torch.ones(1), torch.zeros(1)]
    state: dict[str, Any] = {"window": [], "notes": {}, "pools": {"a": images}}
    module.restore_own_state(state)
    restored: list[Tensor] = module.pools["a"].content()
    assert restored == images


@pytest.mark.parametrize("averaged", ["true", "false"])
def test_a_batch_that_is_left_out_does_not_spoil_the_statistics_of_the_average(composed, build, trainer, averaged):
    data = ["dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8", "metrics=none"]
    skipping = ["model.optimisation.skip_non_finite=true", f"model.optimisation.ema_statistics={averaged}"]
    model, module = build(composed("model=vae", "network.width=4", *data, *skipping))
    step = model.step

    def poisoned(batches: Any) -> None:
        if model.rounds == 3:  # the last one, so that no update follows that would copy statistics again
            batches[0].image[0] = torch.nan
        step(batches)

    model.step = poisoned
    trainer(limit_train_batches=4).fit(model, module)
    assert model.skipped_steps == 1
    for name, values in model.ema.state_dict().items():
        assert torch.isfinite(values).all(), name
