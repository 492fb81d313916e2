"""How batches are fetched: in this process or by others that read ahead."""

import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from gan_lightning.errors import FaultError
from gan_lightning.processes.requests import REQUESTS

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


def reader_fault(error: Exception) -> str | None:
    """What became of a process that reads data, as a sentence; None if `error` comes from something else."""
    if isinstance(error, FaultError):
        return None  # which tells it already
    text = " ".join(str(error).split()) or type(error).__name__
    # Which of the two torch raises depends on what the process was doing when it died.
    died = re.search("DataLoader worker.*(exited unexpectedly|is killed by signal)", text)
    if isinstance(error, ConnectionResetError) or died:
        return f"a process that reads data died ({text})"
    return f"a process that reads data hangs ({text})" if "DataLoader timed out" in text else None


@contextmanager
def readers_ended() -> Iterator[None]:
    """If an error leaves this context, kill the readers that were started in it.

    They ignore requests to end, and Python waits for its processes when it ends: for one that hangs, for ever.
    """
    before = set(active_children())
    try:
        yield
    except BaseException:
        noticed = signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # torch would raise an error of its own
        try:
            for reader in set(active_children()) - before:
                reader.kill()
                reader.join()
        finally:
            signal.signal(signal.SIGCHLD, noticed)
        raise


def _leave_signals_to_the_reader(_: int) -> None:
    """A terminal's signals, or a scheduler's, reach every process; who trains needs these to end in order."""
    for number in REQUESTS:
        signal.signal(number, signal.SIG_IGN)
