"""Output to a terminal, a file or a pipe, which never ends a run."""

import io
import os
import select
import sys
from contextlib import suppress
from typing import Any, TextIO, final


@final
class Unfailing(io.FileIO):
    """A standard stream that goes on as the null device once it cannot be written: its reader has gone (`| head`),
    its terminal is closed, its disk is full."""

    def write(self, data: Any) -> int:
        try:
            while (written := super().write(data)) is None:  # a pipe that is full and was set not to wait
                select.select([], [self], [])
            return written
        except OSError:
            _null_device_as(self.fileno())  # so that libraries and started processes can go on writing there, too
            return memoryview(data).nbytes


def keep_output_from_failing() -> None:
    """Let nothing that is written to the standard streams raise an error, in this process from now on.

    Characters that a stream's encoding lacks become question marks. A stream that was closed before the process
    started swallows everything.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:  # closed: the next file to be opened would get its number, and what libraries write to it
            _null_device_as(descriptor)
    sys.stdout = _unfailing(sys.stdout)
    sys.stderr = _unfailing(sys.stderr)


def _null_device_as(descriptor: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    if null != descriptor:
        os.dup2(null, descriptor)
        os.close(null)


def _unfailing(stream: TextIO | None) -> TextIO:
    if stream is None:  # closed before Python started
        return open(os.devnull, "w", encoding="utf-8", errors="replace")
    if type(stream) is not io.TextIOWrapper:  # what a notebook or a test has put in its place
        return stream
    binary = stream.buffer
    raw = binary.raw if isinstance(binary, io.BufferedWriter) else binary  # python -u has no buffer
    if type(raw) is not io.FileIO:  # not a file of the system's, or one that cannot fail any more
        return stream
    with suppress(OSError):
        stream.flush()
    unfailing = Unfailing(raw.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(unfailing) if isinstance(binary, io.BufferedWriter) else unfailing,
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
