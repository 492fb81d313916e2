"""How batches are fetched: in this process or by others that read ahead."""

import signal
from collections.abc import Iterable
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset


def loader(dataset: Dataset[Any], order: Iterable[Any], num_workers: int) -> DataLoader[Any]:
    """Batches `dataset[draw]` for every draw of `order`, read ahead by `num_workers` processes, or by none."""
    return DataLoader(
        dataset,
        sampler=order,
        batch_size=None,
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=_leave_signals_to_the_reader,
    )


def _leave_signals_to_the_reader(_: int) -> None:
    """A terminal's Ctrl-C, or a scheduler's notice, reaches every process; who trains needs these to end in order."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
