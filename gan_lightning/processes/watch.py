"""What the process that watches a run knows of those that train: what they answered, and whether they are alive."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any, final

from gan_lightning.processes.line import Answer
from gan_lightning.processes.requests import answered

SHARE = 0.9
"""Of the time limit, after which a silent process is given up: before the others give up waiting for it."""


@final
class Watch:
    """Receives the messages of the processes of a run, and ends them.

    Args:
        ends: of their lines, one a process.
        processes: their numbers.
        limit: seconds, `trainer.strategy.timeout`.

    Attributes:
        answers: by rank.
        silent: what is wrong with a process that gave no sign of life for too long.
        asked: the signals that asked for an end.
    """

    def __init__(self, ends: Sequence[Connection], processes: Sequence[int], limit: float) -> None:
        self.ends = dict(enumerate(ends))
        self.processes, self.limit = list(processes), limit
        self.count = len(self.processes)
        self.last_sign = [time.monotonic()] * self.count
        self.answers: dict[int, Any] = {}
        self.silent: str | None = None
        self.asked: list[int] = []
        self.ends_at: float | None = None
        for end in ends:
            with suppress(OSError):
                end.send(self.processes)

    def listen(self) -> None:
        """Take in what the processes have said."""
        for rank, end in list(self.ends.items()):
            try:
                while end.poll():
                    message = end.recv()
                    self.last_sign[rank] = time.monotonic()
                    if isinstance(message, Answer):
                        self.answers[rank] = message.value
            except (EOFError, OSError):  # it has ended
                del self.ends[rank]

    def pass_on(self, number: int) -> None:
        """Hand a request to end to all, which save together."""
        self.asked.append(number)
        self._signal(number)

    def end_if_stuck(self, grace: float) -> None:
        """Kill all, some seconds after a second request to end or after a process has fallen silent."""
        now = time.monotonic()
        if self.ends_at is not None:
            if now > self.ends_at:
                self.kill()
            return
        late = [rank for rank in self.ends if now - self.last_sign[rank] > SHARE * self.limit]
        if late:
            rank = late[0]
            self.silent = (
                f"process {rank} of {self.count} (number {self.processes[rank]}) has given no sign of life for "
                f"{now - self.last_sign[rank]:.0f} s, so it is stopped or hangs "
                f"(trainer.strategy.timeout={self.limit:g})"
            )
            self._signal(signal.SIGTERM)
        if late or len(self.asked) > 1:
            self._signal(signal.SIGCONT)  # a process that is stopped would answer no signal
            self.ends_at = now + grace

    def kill(self) -> None:
        """End at once all that have not ended."""
        self.listen()
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        for rank in self.ends:
            with suppress(ProcessLookupError):
                os.kill(self.processes[rank], number)


class Requests:
    """Signals that ask for an end, kept until there is somebody to pass them on to."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.watch: Watch | None = None

    def take(self, number: int, _: object) -> None:
        """The handler of the signals."""
        if self.watch is None:
            self.kept.append(number)
        else:
            self.watch.pass_on(number)

    def deliver_to(self, watch: Watch) -> None:
        """Pass on what was kept, and all that comes."""
        self.watch = watch
        while self.kept:
            watch.pass_on(self.kept.pop(0))


@contextmanager
def requests_kept() -> Iterator[Requests]:
    """Keep requests to end for the processes of a run, instead of ending the one that watches them."""
    requests = Requests()
    before = {number: signal.signal(number, requests.take) for number in answered()}
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
