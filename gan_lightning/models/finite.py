"""Whether an update can be trusted, and what to blame if not."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn


def all_finite(loss: Tensor, gradients: Iterable[Tensor]) -> bool:
    """Whether a loss (scalar) and the norm of all gradients together are neither NaN nor infinite."""
    return bool(torch.isfinite(loss + torch.nn.utils.get_total_norm(list(gradients))))


def bad_term(terms: Mapping[str, Tensor]) -> str | None:
    """What is wrong with the first term (scalar, by name) that is not finite, if any is."""
    return next((f"{name} is {float(value)}" for name, value in terms.items() if not torch.isfinite(value)), None)


def bad_gradient(network: nn.Module) -> str | None:
    """The first parameter whose gradient is not finite, if any is."""
    for name, parameter in network.named_parameters():
        if parameter.grad is not None and not torch.isfinite(parameter.grad).all():
            return f"the gradient of {name} is not finite"
    return None
