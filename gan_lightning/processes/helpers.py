"""Small processes beside a run: those that multiprocessing needs, and one that wakes stopped processes."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker


def start_multiprocessing() -> None:
    """Start multiprocessing's fork server and resource tracker in the folder of the Python environment.

    Python puts the folder where they start on their search path. In the working folder they could import files that
    came with a download. PYTHONSAFEPATH prevents that too, but Python 3.10 does not know it.
    """
    here = os.getcwd()
    os.chdir(sys.prefix)
    try:
        resource_tracker.ensure_running()
        forkserver.ensure_running()
    finally:
        os.chdir(here)


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
