"""Several processes that train one model: each has a copy, and they exchange values. A single one changes nothing."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, final

import torch
from lightning.pytorch.strategies import DDPStrategy
from torch import Tensor

from gan_lightning.errors import FaultError
from gan_lightning.ranges import Positive, within

LEFT_ALONE = "another process has ended, and this one cannot go on alone"

_TIMED_OUT = re.compile("timed out|timeout", re.IGNORECASE)
_GONE = re.compile("connection (closed|reset|refused)|broken pipe|connectFullMesh", re.IGNORECASE)


@final
class Replicas(DDPStrategy):
    """Distributed data parallel whose model averages its gradients itself, once per optimizer step.

    A wrapper that reduces gradients during each backward pass would have to search the graph of every loss for the
    parameters of the side that does not step, and would broadcast the buffers that every process keeps for itself;
    one message after the backward passes needs neither and is as fast (`benchmarks/ddp.py`).

    Args:
        timeout: seconds that a process waits for the others, when they find each other and in every message.

    Raises:
        SettingError: `timeout` is not positive.
    """

    def __init__(self, timeout: Positive) -> None:
        within("trainer.strategy.timeout", Positive, timeout)
        super().__init__(timeout=timedelta(seconds=timeout))
        self.seconds = timeout

    def configure_ddp(self) -> None:
        """Nothing is wrapped."""


def lost_touch(error: Exception, strategy: Any) -> FaultError | None:
    """The message of a process that waited for others too long; None for an error of another kind.

    Args:
        error: from torch, which tells the kind only by its words.
        strategy: of the trainer.
    """
    if not isinstance(strategy, Replicas):
        return None
    if isinstance(error, torch.distributed.DistStoreError | torch.distributed.DistNetworkError):
        return FaultError(
            f"not all processes were ready within {strategy.seconds:g} s; one of them may still read its data, or did "
            "not start; a larger trainer.strategy.timeout waits longer"
        )
    if not torch.distributed.is_initialized() or "DataLoader" in str(error):
        return None
    if _TIMED_OUT.search(str(error)):
        return FaultError(
            f"another process did not answer within {strategy.seconds:g} s, so it is stopped or hangs, or its work "
            "(writing a checkpoint, for example) takes longer; a larger trainer.strategy.timeout waits longer"
        )
    if _GONE.search(str(error)):
        return FaultError(LEFT_ALONE)
    return None


def gather(value: Any) -> list[Any]:
    """`value` of every process in the order of their ranks. Plain containers, numbers and tensors on the CPU."""
    if not torch.distributed.is_initialized():
        return [value]
    found: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(found, value)
    return found


@torch.no_grad()
def average(tensors: Iterable[Tensor]) -> None:
    """Replace floating-point tensors by their means over all processes, in place and in one message."""
    held = list(tensors)
    if not held or not torch.distributed.is_initialized():
        return
    flat = torch.cat([tensor.flatten() for tensor in held])
    torch.distributed.all_reduce(flat)
    flat /= torch.distributed.get_world_size()
    for tensor, mean in zip(held, flat.split([tensor.numel() for tensor in held]), strict=True):
        tensor.copy_(mean.view_as(tensor))


@torch.no_grad()
def copy_first(tensors: Iterable[Tensor]) -> None:
    """Replace tensors by those of the first process, in place."""
    if torch.distributed.is_initialized():
        for tensor in tensors:
            torch.distributed.broadcast(tensor, src=0)
