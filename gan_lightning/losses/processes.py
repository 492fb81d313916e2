"""What terms with statistics of a batch tell each other where several processes train one model."""

import torch
from torch import Tensor


def mean_over_processes(values: Tensor) -> Tensor:
    """The mean of every process's `values` (of one shape, without gradient), the same in all; one alone keeps its own.

    All processes have to ask together.
    """
    if not torch.distributed.is_initialized():
        return values
    mean = values.clone()
    torch.distributed.all_reduce(mean)
    return mean / torch.distributed.get_world_size()
