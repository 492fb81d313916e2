"""Translations whose noise is dropout, as in Pix2Pix (arXiv:1611.07004, section 3.2)."""

import numpy as np
import torch
from torch import Tensor, nn


def translated(network: nn.Module, source: Tensor, number: Tensor, seed: int) -> Tensor:
    """Translations (B, C', H', W') of pictures (B, C, H, W), each on its own with noise keyed by (seed, number).

    Args:
        network: whose dropout is on.
        source: pictures.
        number: of each picture, (B,).
        seed: of the noise.
    """
    outputs = []
    with torch.random.fork_rng([source.device] if source.device.type == "cuda" else []):
        for picture, i in zip(source.split(1), number.tolist(), strict=True):
            torch.manual_seed(int(np.random.SeedSequence([seed, i]).generate_state(1, np.uint64)[0]))
            outputs.append(network(picture))
    return torch.cat(outputs)
