"""Training in two stages: what is frozen in the second one, and a run that goes on within it."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightning.pytorch as L
import pytest
import ranks
import torch

from gan_lightning.errors import SettingError

SETTINGS = [
    *("model=stackgan", "dataset=fake_captions", "dataset.source.size=64", "dataset.resolution=16"),
    *("dataset.batch_size=8", "network.width=4", "metrics=none", "trainer.max_epochs=1", "text_encoder.features=8"),
]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with ranks.quiet():
        yield


class Watch(L.Callback):
    """After each batch: the stage, the oldest step that the generator's optimizer remembers, and the weights."""

    def __init__(self, save_at: int | None = None, file: Path | None = None) -> None:
        self.save_at, self.file = save_at, file
        self.seen: list[tuple[bool, float]] = []
        self.weights: list[dict[str, Any]] = []

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, *_: Any) -> None:
        oldest = max(float(state["step"]) for state in trainer.optimizers[0].state.values())
        self.seen.append((pl_module.generator.stages.refining, oldest))
        self.weights.append(copy.deepcopy(dict(pl_module.named_parameters())))
        if len(self.seen) == self.save_at:
            trainer.save_checkpoint(self.file)


def fit(*callbacks: L.Callback, **settings: Any) -> Any:
    config = ranks.composed(SETTINGS)
    model, data = ranks.build(config)
    ranks.trainer(config, *callbacks, limit_val_batches=0).fit(model, data, **settings)
    return model


def test_the_second_stage_learns_alone_and_a_run_goes_on_within_it(tmp_path: Path) -> None:
    watch = Watch(save_at=6, file=tmp_path / "second.ckpt")
    whole = fit(watch)
    assert watch.seen == [(False, 1), (False, 2), (False, 3), (False, 4), (True, 1), (True, 2), (True, 3), (True, 4)]

    def learned(since: int, until: int) -> set[str]:
        first, last = watch.weights[since], watch.weights[until]
        changed = (name for name in first if not torch.equal(first[name], last[name]))
        return {".".join(name.split(".")[:2]) for name in changed}

    of_first, of_second = learned(0, 3), learned(3, 7)
    encoder = {"text_encoder.words", "text_encoder.forwards", "text_encoder.backwards"}
    assert of_first >= {"generator.first", "discriminator.first"} | encoder
    assert not of_first & {"generator.second", "discriminator.second"}
    assert of_second >= {"generator.second", "discriminator.second"}
    assert not of_second & ({"generator.first", "discriminator.first"} | encoder)

    resumed = fit(ckpt_path=tmp_path / "second.ckpt", weights_only=True)
    state = resumed.state_dict()
    for name, value in whole.state_dict().items():
        assert torch.equal(value, state[name]), name


def test_samples_have_the_full_size_in_both_stages() -> None:
    model, _ = ranks.build(ranks.composed(SETTINGS))
    small = model.sample(2)
    assert torch.equal(small[..., ::2, ::2], small[..., 1::2, 1::2])  # each pixel of the first stage four times
    for module in model.followers.values():
        module.follow(1.0)
    large = model.sample(2)
    assert large.shape == small.shape == (2, 3, 16, 16)
    assert not torch.equal(large[..., ::2, ::2], large[..., 1::2, 1::2])


def test_a_divergence_of_conditions_that_are_not_drawn_is_refused() -> None:
    for more, refused in ((["conditioning=augmented"], False), (["conditioning=captions"], True)):
        config = ranks.composed(SETTINGS, "model=gan_cls", "generator_penalty=conditioning", *more)
        model, _ = ranks.build(config)
        if refused:
            with pytest.raises(SettingError, match="generator_penalty=conditioning: .* takes conditions as they are"):
                model.dry_run(config.spec)
        else:
            model.dry_run(config.spec)
