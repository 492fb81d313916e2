"""How the tensors of optimizers lie in memory."""

from typing import Any

import torch
from torch import Tensor, nn
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


def leave_out_copies(optimizer: Optimizer) -> None:
    """Keep a fused optimizer on a CPU from copying gradients whose channels are last.

    torch copies each gradient that is not contiguous, and does not use the copy. Parameter, gradient and what the
    optimizer remembers are paired by their place in memory, so during a step each gradient is shown as if its numbers
    lay in the order of its dimensions. The update is the same, to the last bit.
    """
    gradients: list[tuple[nn.Parameter, Tensor]] = []

    def show_as_contiguous(optimizer: Optimizer, *_: Any) -> None:
        gradients.clear()  # of a step that failed
        for group in optimizer.param_groups:
            for parameter in group["params"] if group.get("fused") else ():
                gradient = parameter.grad
                if gradient is None or gradient.is_contiguous() or gradient.stride() != parameter.stride():
                    continue
                if gradient.is_contiguous(memory_format=torch.channels_last):
                    gradients.append((parameter, gradient))
                    parameter.grad = gradient.permute(0, 2, 3, 1).view(gradient.shape)

    def put_back(*_: Any) -> None:
        for parameter, gradient in gradients:
            parameter.grad = gradient
        gradients.clear()

    optimizer.register_step_pre_hook(show_as_contiguous)
    optimizer.register_step_post_hook(put_back)
