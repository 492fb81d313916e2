"""In which precision gradients of gradients are computed."""

import torch


def not_in_float16(device: torch.device) -> torch.autocast:
    """Inside, autocast is as outside, or off where it computes in float16.

    Gradients of gradients leave the range of float16: they become zero or infinite. bfloat16 has the range of float32.
    Its rounding changes the gradient of a critic step much less than another batch does
    (tests/losses/test_precision.py), if norms and sums are taken in float32.
    """
    kind = device.type
    return torch.autocast(
        kind, enabled=torch.is_autocast_enabled(kind) and torch.get_autocast_dtype(kind) != torch.float16
    )
