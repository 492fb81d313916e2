"""Numbers about every single sample, brought together from all processes."""

from typing import final

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat


@final
class Rows(Metric):
    """A row of numbers per sample; `compute` returns those of all processes in the order of the samples' numbers.

    Processes may have different shares, and none at all.

    Args:
        width: of a row.
        dtype: of its numbers.
        alone: whether `compute` returns the rows of this process only.
    """

    full_state_update = False
    number: list[Tensor]
    rows: list[Tensor]

    def __init__(self, width: int, dtype: torch.dtype, alone: bool = False) -> None:
        super().__init__(sync_on_compute=not alone)
        self.width, self.kind = width, dtype
        for state in ("number", "rows"):
            self.add_state(state, [], dist_reduce_fx="cat")
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        super().reset()
        # torchmetrics gathers tensors of equal rank only, and of a process without samples it would know none.
        self.number.append(torch.zeros(0, dtype=torch.long, device=self.device))
        self.rows.append(torch.zeros(0, self.width, dtype=self.kind, device=self.device))

    def update(self, number: Tensor, rows: Tensor) -> None:
        """Keep rows (B, width) of samples that have these numbers (B,)."""
        self.number.append(number.to(self.device))
        self.rows.append(rows.to(self.device, self.kind))

    def compute(self) -> Tensor:
        return dim_zero_cat(self.rows)[dim_zero_cat(self.number).argsort()]
