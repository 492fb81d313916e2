"""What makes training on a GPU fast."""

import logging
from typing import Any, final

import lightning.pytorch as L
import torch
from lightning.pytorch.accelerators import CUDAAccelerator

from gan_lightning.callbacks.gradients import GradientNorms
from gan_lightning.models.capture import CapturedSteps, obstacle

log = logging.getLogger(__name__)

_HALF = ("bf16-mixed", "16-mixed")  # whose convolutions are faster with the channels last
_INSIDE_A_STEP = ("on_before_zero_grad", "on_before_backward", "on_after_backward", "on_before_optimizer_step")


@final
class OnGPU(L.Callback):
    """Lets a GPU replay training steps as CUDA graphs, multiply matrices in TF32 while it trains, and keep channels
    last in half precision.

    A line in the log says why, where steps cannot be replayed. On a CPU nothing changes.

    Args:
        capture: whether steps become CUDA graphs.
    """

    def __init__(self, capture: bool) -> None:
        self.capture = capture

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        if pl_module.device.type == "cuda" and trainer.precision in _HALF:
            pl_module.to(memory_format=torch.channels_last)

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        if pl_module.device.type != "cuda":
            return
        torch.set_float32_matmul_precision("high")
        if not self.capture:
            return
        reason = _inside(trainer) or obstacle(pl_module)
        if reason is None:
            pl_module.captured = CapturedSteps(pl_module)
        elif trainer.is_global_zero:
            log.info("Training steps are not replayed as CUDA graphs: %s", reason)

    def on_validation_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        if pl_module.device.type == "cuda":
            torch.set_float32_matmul_precision("highest")  # of scores

    def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        if pl_module.device.type == "cuda":
            torch.set_float32_matmul_precision("high")

    def teardown(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        if isinstance(trainer.accelerator, CUDAAccelerator):  # the model itself is on the CPU again
            torch.set_float32_matmul_precision("highest")
        pl_module.captured = None


def _inside(trainer: L.Trainer) -> str | None:
    """Which callback acts inside a step, where a replayed one would not call it."""
    for callback in trainer.callbacks:  # type: ignore[attr-defined]
        overridden = [name for name in _INSIDE_A_STEP if getattr(type(callback), name) is not getattr(L.Callback, name)]
        if overridden and not isinstance(callback, GradientNorms):
            return f"{type(callback).__name__} acts inside of steps ({', '.join(overridden)})"
    return None
