"""Messages for running out of memory: which memory, and which settings to lower."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gan_lightning.errors import FaultError

TRAINING = (
    "lower dataset.batch_size (with model.optimisation.accumulate=2, half of it takes the same steps), "
    "dataset.resolution, network.width or dataset.num_workers; if it ran out in a validation, "
    "++dataset.evaluation_batch_size=16 takes less"
)
READING = (
    "lower dataset.resolution; pictures in a folder are read only while they are needed with "
    "dataset.source.memory_limit=0, and drawn ones are fewer with a lower dataset.source.num_train"
)
SCORING = (
    "lower dataset.resolution, add ++dataset.evaluation_batch_size=16, or choose metrics=none; for images from noise, "
    "a lower metrics.num_fake also takes less"
)
EVALUATING = (
    "use ++dataset.evaluation_batch_size=16, for pictures in a folder also ++dataset.num_workers=0 and "
    "++dataset.source.memory_limit=0, or, where a model makes images from noise, a lower num_fake"
)
GENERATING = "lower n, and make the rest with another seed; to translate, use smaller pictures"
"""Settings to lower, for each command, and for what comes before training."""

KILLED = "what the system sends when memory runs out"

_OF_DEVICE = ("CUDA out of memory", "CUDA error: out of memory", "ALLOC_FAILED", "MPS backend out of memory")
_SHARED = ("Bus error", "shared memory", "unable to write to file </torch", "unable to open shared memory", "/dev/shm")
_OF_HOST = ("can't allocate memory", "Cannot allocate memory", "not enough memory", "unable to mmap", "bad_alloc")


@contextmanager
def lowering(settings: str) -> Iterator[None]:
    """Around work that may run out of memory, also as a decorator.

    Args:
        settings: what to lower then.

    Raises:
        FaultError: memory ran out, in place of the library's error. Other errors pass.
    """
    try:
        yield
    except FaultError:
        raise
    except Exception as error:
        cause = what_ran_out(error)
        if cause is None:
            raise
        raise FaultError(f"{cause} {settings}") from error


def what_ran_out(error: BaseException) -> str | None:
    """Which memory ran out, as the beginning of a sentence; None if `error` comes from something else."""
    cause: BaseException | None = error
    while cause is not None:
        text = str(cause)
        if isinstance(cause, torch.OutOfMemoryError) or any(part in text for part in _OF_DEVICE):
            return "the GPU ran out of memory;"
        if isinstance(cause, RuntimeError | OSError) and any(part in text for part in _SHARED):
            return (
                "shared memory (/dev/shm) ran out, through which processes hand over what they read; "
                "dataset.num_workers=0 needs none, docker run --shm-size=8g gives a container more; otherwise"
            )
        if isinstance(cause, RuntimeError) and "is killed by signal: Killed" in text:
            return f"a process that reads data died ({' '.join(text.split()):.200} SIGKILL is {KILLED});"
        is_host = isinstance(cause, RuntimeError | OSError) and any(part in text for part in _OF_HOST)
        if is_host or isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno == errno.ENOMEM):
            return "memory ran out;"
        cause = cause.__cause__ or cause.__context__
    return None
