"""Signals that ask a run to end, from before its first step on."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP)
"""Ctrl-C, an end, an end that a scheduler announces, and a terminal that closes."""


_taken: list[int] = []
"""The requests that raised an `EndRequest` since `answer` was called."""


class EndRequest(SystemExit):
    """A signal that came while no step was under way; the exit status is 128 plus its number."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number

    def __str__(self) -> str:
        return f"ended by {signal.Signals(self.number).name}"


def answered() -> list[signal.Signals]:
    """The requests that this process answers: all, but for a closing terminal that nohup makes it ignore."""
    return [number for number in REQUESTS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]


def end_at_once() -> None:
    """Let a request end this process at once, with one line and status 128 + signal.

    For a command that still imports its work, and has nothing to save. An exception would not do: libraries catch it
    while they are imported, or Python prints it as a traceback.
    """
    for number in answered():
        signal.signal(number, _end_at_once)


@contextmanager
def ending_at_once(tidy: Callable[[], None]) -> Iterator[None]:
    """Where requests raise an `EndRequest`, let them end this process at once meanwhile, as `end_at_once` does.

    Args:
        tidy: called before the end.
    """

    def end(number: int, frame: FrameType | None) -> None:
        tidy()
        _end_at_once(number, frame)

    raising = [number for number in answered() if signal.getsignal(number) is _end]
    for number in raising:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in raising:
            signal.signal(number, _end)


def answer() -> dict[signal.Signals, object]:
    """Let requests raise an `EndRequest` from now on, and return what they did before."""
    _taken.clear()
    return {number: signal.signal(number, _end) for number in answered()}


@contextmanager
def answering() -> Iterator[None]:
    """Requests raise an `EndRequest` meanwhile.

    An exception of its own kind, because Lightning turns a KeyboardInterrupt into an exit with status 1.
    """
    before = answer()
    try:
        with requests_first():
            yield
    finally:
        _taken.clear()
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]


@contextmanager
def requests_first() -> Iterator[None]:
    """Turn an error that follows a request into the `EndRequest` again.

    The exception of a request may interrupt any line of any library, whose clean-up then may fail with another error.

    Raises:
        EndRequest: an error came after a request.
    """
    try:
        yield
    except Exception as error:
        if _taken:
            raise EndRequest(_taken[-1]) from error
        raise


def missed() -> int:
    """The number of a request whose exception a library has swallowed, if this process goes on after one; or else 0."""
    return _taken[-1] if _taken else 0


def _end_at_once(number: int, _: FrameType | None) -> None:
    with suppress(OSError):  # nobody reads any more
        os.write(2, f"{os.path.basename(sys.argv[0])}: {EndRequest(number)}\n".encode(errors="replace"))
    os._exit(128 + number)


def _end(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)  # the same signal again ends the process at once
    _taken.append(number)
    raise EndRequest(number)
