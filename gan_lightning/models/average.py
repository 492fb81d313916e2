"""The average of a network's weights over training, from which pictures come."""

from collections.abc import Iterator
from typing import final

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import AveragedModel

from gan_lightning.distributed import average as mean_over_processes
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import BelowOne


@final
class Average(AveragedModel):
    """An exponential moving average of the parameters of a network; buffers are copied.

    The first update copies the parameters too. No update waits for the device, so that it can be part of a CUDA graph.

    Args:
        network: copied at first.
        decay: of the average, per update; 0 makes it a copy. It may be a ramp, such as one of the half-life.
        rampup: limits the half-life of the average to this share of the updates so far, so that early weights are soon
            forgotten. In the code of StyleGAN2-ADA (Karras et al. 2020, arXiv:2006.06676) the half-life counts images
            and the share is 0.05. None sets no limit.
        start: updates that only copy the parameters (BigGAN, arXiv:1809.11096: 20,000).
        statistics: average the running means and variances of batch norm in the same way (the PyTorch code of BigGAN's
            author), instead of copying them.
    """

    n_averaged: Tensor

    def __init__(
        self,
        network: nn.Module,
        decay: float | Ramp,
        rampup: float | None,
        start: int = 0,
        statistics: bool = False,
    ) -> None:
        super().__init__(network)
        self.decay, self.rampup = setting("model.optimisation.ema_decay", BelowOne, decay), rampup
        self.start, self.statistics = start, statistics
        self.requires_grad_(False)

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Move the average towards the network's parameters."""
        share = self.share()
        pairs: list[tuple[Tensor, Tensor]] = list(zip(self.module.parameters(), model.parameters(), strict=True))
        statistics = list(running_statistics(self.module)) if self.statistics else []
        if statistics:
            newest_statistics = [value.clone() for value in running_statistics(model)]
            mean_over_processes(newest_statistics)  # each has its own
            pairs += zip(statistics, newest_statistics, strict=True)
        shares = {dtype: share.to(dtype) for dtype in {average.dtype for average, _ in pairs}}
        for average, newest in pairs:
            average.lerp_(newest, shares[average.dtype])
        followed = {id(value) for value in statistics}
        for copied, buffer in zip(self.module.buffers(), model.buffers(), strict=True):
            if id(copied) not in followed:
                copied.copy_(buffer)
        self.n_averaged += 1

    def share(self) -> Tensor:
        """Share of the newest parameters in the next average (scalar, float64)."""
        updates = self.n_averaged.double()
        decay = torch.zeros_like(updates) + now(self.decay)
        if self.rampup is not None:
            decay = torch.minimum(decay, 0.5 ** (1 / (self.rampup * updates)))
        return torch.where(updates < max(1, self.start), 1.0, 1 - decay)


def running_statistics(network: nn.Module) -> Iterator[Tensor]:
    """The running means and variances of all batch norms of a network."""
    for module in network.modules():
        if isinstance(module, _BatchNorm):
            yield from (value for value in (module.running_mean, module.running_var) if value is not None)
