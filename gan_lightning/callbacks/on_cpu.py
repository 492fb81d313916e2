"""What makes training on a CPU fast."""

import ctypes
import logging
import platform
from typing import Any, final

import lightning.pytorch as L
import torch
from lightning.pytorch.accelerators import CPUAccelerator

from gan_lightning.models.layout import leave_out_copies, lie_beside_parameters
from gan_lightning.processor import computes_in_bfloat16

log = logging.getLogger(__name__)

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # M_TRIM_THRESHOLD and M_MMAP_MAX of glibc's malloc.h


@final
class OnCPU(L.Callback):
    """Keeps channels last, updates all parameters of an optimizer in one pass, and keeps memory for the next step.

    A line in the log says so if a run computes in float32 because the processor has no instructions for bfloat16. On
    other devices nothing changes.
    """

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        if _is_used(trainer):
            keep_memory()

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        if not _is_used(trainer):
            return
        pl_module.to(memory_format=torch.channels_last)
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                if group.get("fused", False) is None and not group.get("foreach"):  # the user has not chosen
                    group["fused"] = True
            lie_beside_parameters(optimizer)
            leave_out_copies(optimizer)
        if trainer.precision == "32-true" and not computes_in_bfloat16() and trainer.is_global_zero:
            log.info("bfloat16 is not used: this processor has no instructions for it (AVX512-BF16 or AMX)")

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        if not _is_used(trainer):
            return
        # As in the checkpoints of other runs: torch does not check that what a fused optimizer is given lies alike.
        for state in checkpoint.get("optimizer_states", ()):
            for group in state["param_groups"]:
                if group.get("fused"):
                    group["fused"] = None


def _is_used(trainer: L.Trainer) -> bool:
    return isinstance(trainer.accelerator, CPUAccelerator)


def keep_memory() -> None:
    """Let glibc keep all memory that is freed, for the next step, which needs as much again.

    Otherwise the memory of large tensors is returned to the system after every use, and the system fills it with zeros
    before the next use. With another C library than glibc nothing happens. Nor does it where the random layout of
    addresses leaves the heap no room to grow, as it was seen in about every third process.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
