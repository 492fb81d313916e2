"""Whether an update is finite, and which term is not."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from gan_lightning.distributed import gather


def is_finite(loss: Tensor, gradients: Sequence[Tensor]) -> Tensor:
    """Whether a loss and the norm of all gradients together (scalars) are neither NaN nor infinite (a scalar)."""
    return torch.isfinite(loss + get_total_norm(gradients))


def what_is_not(terms: Mapping[str, Tensor], network: nn.Module) -> str:
    """The first of the terms (scalars, by name) that is not finite in any process, or else the first such gradient.

    All processes have to call this together: the term may be in one of them only; the gradients are spoilt in all.
    """
    bad = next((f"{name} is {float(value)}" for name, value in terms.items() if not torch.isfinite(value)), None)
    for found in gather(bad):
        if found is not None:
            return str(found)
    for name, parameter in network.named_parameters():
        if parameter.grad is not None and not torch.isfinite(parameter.grad).all():
            return f"the gradient of {name}"
    return "the loss as a whole"


def not_finite(tensors: Mapping[str, Tensor]) -> list[str]:
    """Names of the floating-point tensors that hold a NaN or an infinite number."""
    good = {name: torch.isfinite(tensor).all() for name, tensor in tensors.items() if tensor.is_floating_point()}
    # One answer for each device, because asking for an answer waits for the device.
    devices = {flag.device for flag in good.values()}
    if all(bool(torch.stack([flag for flag in good.values() if flag.device == device]).all()) for device in devices):
        return []
    return [name for name, flag in good.items() if not flag]
