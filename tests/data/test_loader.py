"""What is told of processes that read data and fail."""

import pytest

from gan_lightning.data import reader_fault
from gan_lightning.errors import FaultError


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            RuntimeError("DataLoader worker (pid(s) 7) exited unexpectedly"),
            "a process that reads data died (DataLoader",
        ),
        (RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed."), "a process that reads data died"),
        (ConnectionResetError(), "a process that reads data died (ConnectionResetError)"),
        (ConnectionRefusedError(111, "Connection refused"), "a process that reads data died ([Errno 111] Connection"),
        (BrokenPipeError(32, "Broken pipe"), None),
        (RuntimeError("DataLoader timed out after 600 seconds"), "a process that reads data hangs"),
        (RuntimeError("shapes differ"), None),
        (FaultError("DataLoader worker (pid 7) is killed by signal: Killed."), None),
    ],
)
def test_readers_that_fail_are_told_once(error, told):
    found = reader_fault(error)
    assert found is None if told is None else str(found).startswith(told)
