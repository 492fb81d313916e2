"""How batches are fetched: in this process or by others that read ahead."""

import signal
from collections.abc import Iterable
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from gan_lightning.runs.requests import REQUESTS

SLOWEST = 600.0
"""Seconds that a batch may take when other processes read it, so that one that hangs is noticed."""


def loader(dataset: Dataset[Any], order: Iterable[Any], num_workers: int) -> DataLoader[Any]:
    """Batches `dataset[draw]` for every draw of `order`, read ahead by `num_workers` processes, or by none."""
    return DataLoader(
        dataset,
        sampler=order,
        batch_size=None,
        num_workers=num_workers,
        timeout=SLOWEST if num_workers else 0,
        persistent_workers=num_workers > 0,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=_leave_signals_to_the_reader,
    )


def _leave_signals_to_the_reader(_: int) -> None:
    """A terminal's signals, or a scheduler's, reach every process; who trains needs these to end in order."""
    for number in REQUESTS:
        signal.signal(number, signal.SIG_IGN)
