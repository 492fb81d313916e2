"""What processes that train one model exchange. A process that trains alone keeps its own values.

All processes have to call these functions together, except `is_first`, `own_share` and `lost_touch`.
"""

import re
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from gan_lightning.errors import FaultError

LEFT_ALONE = "another process has ended, and this one cannot go on alone"

_TIMED_OUT = re.compile("timed out|timeout", re.IGNORECASE)
_GONE = re.compile("connection (closed|reset|refused)|broken pipe|connectFullMesh", re.IGNORECASE)


def is_first() -> bool:
    """Whether this process has rank zero, or is the only one."""
    return not torch.distributed.is_initialized() or torch.distributed.get_rank() == 0


def lost_touch(error: Exception, seconds: float) -> FaultError | None:
    """The message of a process that waited for others too long; None for an error of another kind.

    Args:
        error: from torch, which tells the kind only by its words.
        seconds: how long it was allowed to wait.
    """
    if isinstance(error, torch.distributed.DistStoreError | torch.distributed.DistNetworkError):
        return FaultError(
            f"not all processes were ready within {seconds:g} s; one of them may still read its data, or did "
            "not start; a larger trainer.strategy.timeout waits longer"
        )
    if not torch.distributed.is_initialized() or "DataLoader" in str(error):
        return None
    if _TIMED_OUT.search(str(error)):
        return FaultError(
            f"another process did not answer within {seconds:g} s, so it is stopped or hangs, or its work "
            "(writing a checkpoint, for example) takes longer; a larger trainer.strategy.timeout waits longer"
        )
    if _GONE.search(str(error)):
        return FaultError(LEFT_ALONE)
    return None


def own_share(values: Tensor) -> Tensor:
    """Every so many-th of `values` (N, ...), so that all processes together have all."""
    if not torch.distributed.is_initialized():
        return values
    return values[torch.distributed.get_rank() :: torch.distributed.get_world_size()]


def gather(value: Any) -> list[Any]:
    """`value` of every process in the order of their ranks. Plain containers, numbers and tensors on the CPU."""
    if not torch.distributed.is_initialized():
        return [value]
    found: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(found, value)
    return found


@torch.no_grad()
def total(values: Tensor) -> Tensor:
    """The sum of every process's `values`, which have one shape; a new tensor without gradient, the same in all."""
    summed = values.clone()
    if torch.distributed.is_initialized():
        torch.distributed.all_reduce(summed)
    return summed


@torch.no_grad()
def mean(values: Tensor) -> Tensor:
    """The mean of every process's `values`, which have one shape; without gradient, the same in all."""
    return total(values) / torch.distributed.get_world_size() if torch.distributed.is_initialized() else values


@torch.no_grad()
def average(tensors: Iterable[Tensor]) -> None:
    """Replace floating-point tensors by their means over all processes, in place and in one message."""
    held = list(tensors)
    if not held or not torch.distributed.is_initialized():
        return
    flat = mean(torch.cat([tensor.flatten() for tensor in held]))
    for tensor, averaged in zip(held, flat.split([tensor.numel() for tensor in held]), strict=True):
        tensor.copy_(averaged.view_as(tensor))


@torch.no_grad()
def copy_first(tensors: Iterable[Tensor]) -> None:
    """Replace tensors by those of the first process, in place."""
    if torch.distributed.is_initialized():
        for tensor in tensors:
            torch.distributed.broadcast(tensor, src=0)
