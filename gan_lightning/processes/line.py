"""The line between the process that watches a run and each process that trains: signs of life, and answers."""

import os
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, final

BEAT = 1.0
"""Seconds between two signs of life."""

ALONE = 30.0
"""Seconds that a process gets to save and end after the one that watches it was killed."""


class Answer(NamedTuple):
    """What a process has to say in the end: a result or an exception."""

    value: Any


@final
class Line:
    """A training process's end of its line.

    Args:
        end: of a two-way pipe. Signs of life and at last an `Answer` go out; the numbers of all processes of the run
            come in.
    """

    def __init__(self, end: Connection) -> None:
        self.end = end
        self.lock = threading.Lock()

    def keep(self) -> None:
        """Send signs of life from now on, and end this process soon after the one that watches was killed."""
        threading.Thread(target=self._keep, daemon=True).start()

    def answer(self, value: object) -> None:
        """Say what came out."""
        self._send(Answer(value))

    def _send(self, message: object) -> None:
        with self.lock:
            self.end.send(message)

    def _keep(self) -> None:
        processes: list[int] = []
        with suppress(EOFError, OSError):
            processes = self.end.recv()
            while True:
                if self.end.poll(BEAT):
                    self.end.recv()  # nothing more comes but the end
                self._send(None)
        _end_alone(processes)


def _end_alone(processes: list[int]) -> None:
    """Save and end together, as after a signal; what has not ended after a while is killed.

    A process that was stopped wakes up, to find the same.
    """
    _signal(processes, signal.SIGCONT)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ALONE)
    _signal([number for number in processes if number != os.getpid()], signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)
