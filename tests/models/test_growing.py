"""Training steps of networks that grow: optimizers forget at the right moments, and a run goes on within a fade."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import lightning.pytorch as L
import pytest
import ranks
import torch

from gan_lightning.errors import SettingError

SETTINGS = [*ranks.EQUAL["progan"], f"dataset.batch_size={2 * ranks.BATCH}"]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with ranks.quiet():
        yield


class Watch(L.Callback):
    """What a batch found: the depth, and the oldest step that the generator's optimizer remembers."""

    def __init__(self, save_at: int | None = None, file: Path | None = None) -> None:
        self.save_at, self.file = save_at, file
        self.seen: list[tuple[float, float]] = []

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, *_: Any) -> None:
        remembered = trainer.optimizers[0].state.values()
        oldest = max(float(state["step"]) for state in remembered)
        self.seen.append((float(pl_module.generator.growth.depth), oldest))
        if len(self.seen) == self.save_at:
            trainer.save_checkpoint(self.file)


def fit(*callbacks: L.Callback, **settings: Any) -> Any:
    config = ranks.composed(SETTINGS)
    model, data = ranks.build(config)
    ranks.trainer(config, *callbacks, limit_val_batches=0).fit(model, data, **settings)
    return model


def test_optimizers_forget_with_every_phase_and_a_run_goes_on_within_a_fade(tmp_path: Path) -> None:
    watch = Watch(save_at=4, file=tmp_path / "fade.ckpt")
    whole = fit(watch)
    # Eight batches; the network has its full size at 7/8 of the run, after four phases.
    depths = [depth for depth, _ in watch.seen]
    assert depths == pytest.approx([0, 0, 1 / 7, 5 / 7, 1, 1, 3 / 7 + 1, 2], abs=1e-5)
    phases = [(int(depth), depth != int(depth)) for depth in depths]
    expected, oldest = [], 0
    for number, phase in enumerate(phases):
        oldest = 1 if number and phase != phases[number - 1] else oldest + 1
        expected.append(oldest)
    assert [oldest for _, oldest in watch.seen] == expected

    resumed = fit(ckpt_path=tmp_path / "fade.ckpt", weights_only=True)
    state = resumed.state_dict()
    for name, value in whole.state_dict().items():
        assert torch.equal(value, state[name]), name


def test_a_penalty_that_the_first_images_are_too_small_for_is_refused() -> None:
    for grown in (0.875, 0):
        config = ranks.composed(SETTINGS, "penalty=consistency", f"network.grown={grown}")
        model, _ = ranks.build(config)
        refused = pytest.raises(SettingError, match=r"penalty=consistency: needs images of 5 pixels.*these have 4")
        with refused if grown else nullcontext():
            model.dry_run(config.spec)
