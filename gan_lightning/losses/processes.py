"""Statistics of a batch over all processes that train one model."""

import torch
from torch import Tensor


def mean_over_processes(values: Tensor) -> Tensor:
    """The mean of every process's `values` (of one shape, without gradient), the same in all; a single process keeps
    its own.

    All processes have to call this together.
    """
    if not torch.distributed.is_initialized():
        return values
    mean = values.clone()
    torch.distributed.all_reduce(mean)
    return mean / torch.distributed.get_world_size()
