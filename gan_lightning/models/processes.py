"""Several processes that train one model: a copy each, and what they tell each other. One alone tells itself."""

from collections.abc import Iterable
from typing import Any, final

import torch
from lightning.pytorch.strategies import DDPStrategy
from torch import Tensor


@final
class Replicas(DDPStrategy):
    """Distributed data parallel whose model averages its gradients itself, once per optimizer step.

    A wrapper that reduces gradients during each backward pass would have to search the graph of every loss for the
    parameters of the side that does not step, and would broadcast the buffers that every process keeps for itself;
    one message after the backward passes needs neither and is as fast (`benchmarks/ddp.py`).
    """

    def configure_ddp(self) -> None:
        """Nothing is wrapped."""


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
