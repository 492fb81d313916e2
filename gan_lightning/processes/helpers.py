"""Small processes beside a run: those that multiprocessing needs, and one that wakes stopped processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker

from gan_lightning.processes.requests import REQUESTS


def start_multiprocessing(work: str) -> None:
    """Start multiprocessing's fork server and resource tracker, unless they run.

    They start in the folder of the Python environment, because Python puts the folder where they start on their search
    path. In the working folder they could import files that came with a download. PYTHONSAFEPATH prevents that too, but
    Python 3.10 does not know it. In the processes that the server makes, requests to end wait until these can answer.

    Args:
        work: the module that the server imports once for all its processes.
    """
    forkserver.set_forkserver_preload([work])
    here = os.getcwd()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    os.chdir(sys.prefix)
    try:
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, REQUESTS)  # after the tracker, which unblocks some
        forkserver.ensure_running()
    finally:
        os.chdir(here)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_early(strategy: object, work: str) -> None:
    """Start multiprocessing for a command that will need it, before the command itself imports torch.

    Both imports take seconds, and so they happen at the same time. The processes of torchrun and SLURM need none.

    Args:
        strategy: `trainer.strategy`, a name for a single process and a configuration for several.
        work: as for `start_multiprocessing`.
    """
    if not isinstance(strategy, str) and not {"LOCAL_RANK", "SLURM_PROCID"} & os.environ.keys():
        start_multiprocessing(work)


@contextmanager
def waking(processes: Sequence[int]) -> Iterator[None]:
    """Continue processes that are stopped (SIGSTOP) if this one is killed meanwhile.

    A process that is stopped cannot notice that nobody watches it any more; one that goes on notices it and ends.
    """
    command = ["/bin/sh", "-c", 'read -r line; kill -s CONT "$@"', "sh", *map(str, processes)]
    # Standard input ends when this process ends. In a session of its own, the terminal's signals do not reach it.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as waker:
        try:
            yield
        finally:
            waker.kill()
