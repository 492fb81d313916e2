"""How batches are fetched: in this process or by others that read ahead."""

import re
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import active_children
from typing import Any

import lightning.pytorch as L
import torch
from torch.utils.data import DataLoader, Dataset

from gan_lightning.data.contracts import Images
from gan_lightning.errors import FaultError
from gan_lightning.processes.requests import REQUESTS

CPU = torch.device("cpu")
SLOWEST = 600.0
"""Seconds that a batch may take when other processes read it, so that one that hangs is noticed."""


def near(sets: Sequence[Images], trainer: L.Trainer | None, share: float) -> list[Images]:
    """Sets of images in the memory of the trainer's GPU, as far as they take no more than a share of what is free."""
    device = CPU if trainer is None else trainer.strategy.root_device
    if device.type != "cuda":
        return list(sets)
    free, _ = torch.cuda.mem_get_info(device)
    held = [images.held_on(device, share * free / len(sets)) for images in sets]
    # Sets that are read together stay together.
    return held if all(images.device == device for images in held) else list(sets)


def loader(
    dataset: Dataset[Any], order: Iterable[Any], num_workers: int, device: torch.device = CPU
) -> DataLoader[Any]:
    """Batches `dataset[draw]` for every draw of `order`, read ahead by `num_workers` processes, or by none.

    Args:
        device: where the batches come from; those that are on a GPU already need no other process.
    """
    on_cpu = device.type == "cpu"
    num_workers = num_workers if on_cpu else 0
    return DataLoader(
        dataset,
        sampler=order,
        batch_size=None,
        num_workers=num_workers,
        timeout=SLOWEST if num_workers else 0,
        persistent_workers=num_workers > 0,
        pin_memory=on_cpu and torch.cuda.is_available(),
        worker_init_fn=_leave_signals_to_the_reader,
    )


READER_LOST = (ConnectionResetError, ConnectionRefusedError)
"""What reading from a process raises, besides a RuntimeError of torch, if that process is gone."""


def reader_fault(error: Exception) -> str | None:
    """What became of a process that reads data, as a sentence; None if `error` comes from something else."""
    if isinstance(error, FaultError):
        return None  # whose message says so already
    text = " ".join(str(error).split()) or type(error).__name__
    # Which of them is raised depends on what the process was doing when it died.
    died = re.search("DataLoader worker.*(exited unexpectedly|is killed by signal)", text)
    if isinstance(error, READER_LOST) or died:
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
