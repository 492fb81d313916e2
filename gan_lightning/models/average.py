"""The average of a network's weights over training, from which pictures come."""

from typing import final

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import BelowOne


@final
class Average(AveragedModel):
    """An exponential moving average of the parameters of a network; buffers are copied.

    The first update copies the parameters. No update waits for the device, so that it can be part of a CUDA graph.

    Args:
        network: copied at first.
        decay: of the average, per update; 0 makes it a copy. It may be a ramp, such as one of the half-life.
        rampup: limits the half-life of the average to this share of the updates so far, so that early weights are soon
            forgotten. In the code of StyleGAN2-ADA (Karras et al. 2020, arXiv:2006.06676) the half-life counts images
            and the share is 0.05. None sets no limit.
    """

    n_averaged: Tensor

    def __init__(self, network: nn.Module, decay: float | Ramp, rampup: float | None) -> None:
        super().__init__(network)
        self.decay, self.rampup = setting("model.optimisation.ema_decay", BelowOne, decay), rampup
        self.requires_grad_(False)

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Move the average towards the network's parameters."""
        share = self.share()
        pairs = list(zip(self.module.parameters(), model.parameters(), strict=True))
        shares = {dtype: share.to(dtype) for dtype in {average.dtype for average, _ in pairs}}
        for average, newest in pairs:
            average.lerp_(newest, shares[average.dtype])
        for copied, buffer in zip(self.module.buffers(), model.buffers(), strict=True):
            copied.copy_(buffer)
        self.n_averaged += 1

    def share(self) -> Tensor:
        """Share of the newest parameters in the next average (scalar, float64)."""
        updates = self.n_averaged.double()
        decay = torch.zeros_like(updates) + now(self.decay)
        if self.rampup is not None:
            decay = torch.minimum(decay, 0.5 ** (1 / (self.rampup * updates)))
        return torch.where(updates == 0, 1.0, 1 - decay)
