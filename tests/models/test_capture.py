"""A step never waits for its own numbers, and replayed steps are the same as steps that run one by one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import lightning.pytorch as L
import pytest
import ranks
import torch
import unchanged
from thinned import thinned
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from gan_lightning.callbacks import OnGPU
from gan_lightning.errors import FaultError
from gan_lightning.models import capture
from gan_lightning.models.guards import Later

pytestmark = pytest.mark.long

NEEDS_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA graphs need a GPU")
READS = ("_local_scalar_dense", "is_nonzero", "nonzero", "equal", "masked_select", "_unique2", "lift_fresh")
"""Operations that give numbers to Python or take them from there: tensors of Python numbers (`lift_fresh`) too."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with ranks.quiet():
        yield


class NoReads(TorchDispatchMode):
    """Refuses operations that would make a GPU wait for Python."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        assert func.overloadpacket.__name__ not in READS, f"{func} inside of a step"
        return func(*args, **(kwargs or {}))


class Watched(L.Callback):
    """Lets the guard of a GPU decide, and refuses reads in every step but the first, which creates what is missing."""

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        pl_module.guard = guard = Later(pl_module.answer, list(pl_module.players), pl_module.device)
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                group.update({name: True for name in ("fused",) if name in group})
        step, self.steps = pl_module.step, 0

        def watched(window: list[Any]) -> None:
            before = {name: player.steps for name, player in pl_module.players.items()}
            with NoReads() if self.steps else nullcontext():
                step(window)
            guard.count({name: player.steps - before[name] for name, player in pl_module.players.items()})
            self.steps += 1

        pl_module.step = watched


RAMPED = {
    **dict.fromkeys(("penalty.lecam.weight", "penalty.consistency.weight"), "linear"),
    **dict.fromkeys(("augment.instance_noise.std", "augment.ada.p", "augment.diffaugment.brightness"), "cosine"),
    **dict.fromkeys(("game.probability", "generator_penalty.mode_seeking.weight"), "linear"),
    **dict.fromkeys(("generator_regulariser.orthogonal.weight", "auxiliary.feature_matching.weight"), "linear"),
    **dict.fromkeys(("model.adversarial_weight", "model.optimisation.schedule"), "cosine"),
    "model.optimisation.ema_decay": "half_life",
}
"""Settings that are ramps, and of which kind."""
RUNS = {
    **unchanged.RECIPES,
    "ramps": [
        *(part for part in unchanged.RECIPES["dcgan"] if "ema_decay" not in part),
        *("penalty=[lecam,consistency]", "augment=[instance_noise,diffaugment,ada]", "augment.ada.target=null"),
        *("game=label_flips", "generator_penalty=mode_seeking", "auxiliary=feature_matching"),
        "regulariser@generator_regulariser=orthogonal",
        *(f"+ramp@{name}={kind}" for name, kind in RAMPED.items()),
        *(f"{name}.{end}={value}" for name in RAMPED for end, value in {"start": 0.1, "end": 0.4}.items()),
    ],
}


@pytest.mark.parametrize("name", thinned(RUNS, {*unchanged.COVER, "ramps"}))
def test_no_step_reads_a_number(name: str) -> None:
    config = ranks.composed(RUNS[name])
    model, data = ranks.build(config)
    watched = Watched()
    ranks.trainer(config, watched, limit_val_batches=0, limit_train_batches=7).fit(model, data)
    assert watched.steps == 7


def test_a_read_is_noticed() -> None:
    with pytest.raises(AssertionError, match="_local_scalar_dense"), NoReads():
        float(torch.ones(1).sum())


# --- on a GPU ---

KINDS: dict[str, list[str]] = {
    **RUNS,
    "lazy": [
        *unchanged.RECIPES["dcgan"],
        "critic_norm=none",
        "penalty=r1",
        "penalty.r1.every=4",
        "model.critic_steps=3",
    ],
    "augmented": [*unchanged.RECIPES["dcgan"], "augment=ada", "augment.ada.p=0.5"],
    "noisy": [*unchanged.RECIPES["dcgan"], "augment=instance_noise"],
    "skipping": [*unchanged.RECIPES["dcgan"], "model.optimisation.skip_non_finite=true"],
    "accumulated": [*unchanged.RECIPES["dcgan"], "model.optimisation.accumulate=2"],
    "decaying": [*unchanged.RECIPES["dcgan"], "model.optimisation.schedule._target_=gan_lightning.models.LinearDecay"],
}


def on_gpu(overrides: list[str], *callbacks: L.Callback, **settings: Any) -> Any:
    """The model after `UPDATES` batches on a GPU."""
    config = ranks.composed(overrides, "trainer.benchmark=false")
    config.trainer.accelerator = "gpu"
    model, data = ranks.build(config)
    trainer = ranks.trainer(config, *callbacks, limit_val_batches=0, limit_train_batches=unchanged.UPDATES, **settings)
    trainer.fit(model, data)
    return model


NOT_REPEATABLE = {"augmented", "cyclegan", "ramps"}
"""Their gradients of sampling and of reflections are added up in another order in every run."""


@contextmanager
def always_warming_up() -> Iterator[None]:
    usual, capture.WARM_UP = capture.WARM_UP, 10**9
    try:
        yield
    finally:
        capture.WARM_UP = usual


class Graphs(L.Callback):
    """Counts the graphs that were recorded, and notes Lightning's count of steps."""

    def on_train_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        captured = pl_module.captured
        self.count = sum(kind.graph is not None for kind in captured.kinds) if captured else 0
        self.steps = trainer.global_step


@NEEDS_GPU
@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
@pytest.mark.parametrize("name", [name for name in KINDS if name not in NOT_REPEATABLE])
def test_replayed_steps_equal_others_to_the_bit(name: str, precision: str) -> None:
    torch.backends.cudnn.deterministic = True
    replayed, usual = Graphs(), Graphs()
    ours = on_gpu(KINDS[name], OnGPU(capture=True), replayed, precision=precision)
    with always_warming_up():
        theirs = on_gpu(KINDS[name], OnGPU(capture=True), usual, precision=precision)
    assert replayed.count > 0
    assert usual.count == 0
    assert replayed.steps == usual.steps
    assert unchanged.digest(ours) == unchanged.digest(theirs)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    for key, value in ours.state_dict().items():
        assert torch.equal(value, theirs.state_dict()[key]), key


@NEEDS_GPU
@pytest.mark.parametrize("name", ["dcgan", *sorted(NOT_REPEATABLE)])
def test_replayed_steps_come_near_others_in_double_precision(name: str) -> None:
    """The others are checked at once, by an optimizer that is not fused."""
    ours = on_gpu(KINDS[name], OnGPU(capture=True), precision="64-true")
    theirs = on_gpu(KINDS[name], OnGPU(capture=False), precision="64-true")
    for key, value in ours.state_dict().items():
        torch.testing.assert_close(value, theirs.state_dict()[key], rtol=1e-6, atol=1e-6)


class Spoil(L.Callback):
    """Makes the images of one batch not a number."""

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if batch_idx == 12:
            batch[0].fill_(float("nan"))


@NEEDS_GPU
@pytest.mark.parametrize("optimizer", ["Adam", "RMSprop"])
def test_a_bad_update_is_left_out_on_the_device(optimizer: str) -> None:
    overrides = [*KINDS["skipping"], f"model.optimisation.discriminator._target_=torch.optim.{optimizer}"]
    if optimizer == "RMSprop":
        overrides += ["~model.optimisation.discriminator.betas"]
    model = on_gpu(overrides, Spoil(), OnGPU(capture=True))
    model.guard.report()
    assert model.skipped_steps == 1
    assert model.players["discriminator"].steps == unchanged.UPDATES
    for key, value in model.state_dict().items():
        assert torch.isfinite(value).all(), key


@NEEDS_GPU
def test_a_bad_update_ends_the_run_and_is_numbered() -> None:
    with pytest.raises(FaultError, match=r"discriminator's update 13 \(noticed after .* images\) is not finite"):
        on_gpu([*KINDS["dcgan"], "trainer.log_every_n_steps=20"], Spoil(), OnGPU(capture=True))


class Reading(nn.Module):
    """A layer that asks for a number in Python."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image * (1.0 if float(image.detach().mean()) > -1e9 else 2.0)


class Insert(L.Callback):
    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        pl_module.generator.register_forward_hook(lambda module, inputs, output: Reading()(output))


@NEEDS_GPU
def test_what_cannot_be_recorded_ends_the_run_with_what_to_type() -> None:
    """In a process of its own: afterwards torch's random generator is of no use in this one."""
    code = "import test_capture as t; t.on_gpu(t.KINDS['dcgan'], t.Insert(), t.OnGPU(capture=True))"
    folder = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(folder.parent / "support")])}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300)
    assert "FaultError: capture=true: this step cannot be recorded" in ended.stderr
    assert "capture=false" in ended.stderr


@NEEDS_GPU
def test_a_resumed_run_goes_on_to_the_bit(tmp_path: Any) -> None:
    torch.backends.cudnn.deterministic = True
    whole = on_gpu(KINDS["wgan_gp"], OnGPU(capture=True))
    config = ranks.composed(KINDS["wgan_gp"], "trainer.benchmark=false")
    config.trainer.accelerator = "gpu"
    model, data = ranks.build(config)

    class Save(L.Callback):
        def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
            if batch_idx == 11:
                trainer.save_checkpoint(tmp_path / "half.ckpt")

    settings = {"limit_val_batches": 0, "limit_train_batches": unchanged.UPDATES}
    ranks.trainer(config, OnGPU(capture=True), Save(), **settings).fit(model, data)
    again, data = ranks.build(config)
    saved = torch.load(tmp_path / "half.ckpt", weights_only=True)
    assert all(isinstance(state["param_groups"][0]["lr"], float) for state in saved["optimizer_states"])
    ranks.trainer(config, OnGPU(capture=True), **settings).fit(again, data, ckpt_path=tmp_path / "half.ckpt")
    for key, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[key]), key
