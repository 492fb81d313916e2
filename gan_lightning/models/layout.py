"""How the tensors of optimizers lie in memory."""

import torch
from torch import Tensor
from torch.optim import Optimizer


def lie_beside_parameters(optimizer: Optimizer) -> None:
    """Bring what an optimizer remembers of each parameter to the parameter's device and into its layout.

    Fused optimizers pair numbers by their place in memory. After a resume, or after parameters were given another
    layout, these places differ.
    """
    for parameter, state in optimizer.state.items():
        tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
        state.update({name: _beside(parameter, value) for name, value in tensors.items()})


def _beside(parameter: Tensor, value: Tensor) -> Tensor:
    if value.shape != parameter.shape:
        return value.to(parameter.device)
    return torch.empty_like(parameter, dtype=value.dtype).copy_(value)
