"""One process at a time may write into a run's folder.

The owner holds a lock of the operating system on the file `.owner`, which ends with its process however that ends, so a
killed run leaves no stale lock. The file says who holds it, for the message to whoever comes second.
"""

import fcntl
import json
import logging
import os
import socket
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from gan_lightning.errors import SettingError

log = logging.getLogger(__name__)

FILE = ".owner"

_HELD: set[int] = set()
"""Descriptors of the locked files of this process."""

PATIENCE = 60.0
"""Seconds to wait for what a killed owner has left: its other processes notice that they are alone, save and end."""


@dataclass(frozen=True)
class Owner:
    """Who writes into a folder.

    Attributes:
        host, pid: of the process that the user started.
        started: local time in ISO format.
        overrides: of its command line.
        begun: whether its training has begun. Until then it has changed nothing that an earlier run left.
    """

    host: str
    pid: int
    started: str
    overrides: list[str]
    begun: bool = False


@contextmanager
def owned(folder: Path, overrides: Sequence[str]) -> Iterator[Owner]:
    """Hold a folder that exists.

    Raises:
        SettingError: another process holds it; the message says which. Nothing is changed then.
    """
    started = datetime.now().isoformat(timespec="seconds")
    owner = Owner(socket.gethostname(), os.getpid(), started, list(overrides))
    file = folder / FILE
    held = _take(file, owner)
    if held is not None:
        _HELD.add(held)
    try:
        yield owner
    finally:
        file.unlink(missing_ok=True)
        if held is not None and held in _HELD:
            _HELD.remove(held)
            os.close(held)


def join(folder: Path) -> None:
    """Hold the folder together with its owner until this process ends, also when the owner is killed before.

    Raises:
        SettingError: another process has become the owner.
    """
    try:
        shared = os.open(folder / FILE, os.O_RDWR)
    except FileNotFoundError:
        return  # called without an owner
    try:
        fcntl.flock(shared, fcntl.LOCK_SH | fcntl.LOCK_NB)
        _HELD.add(shared)  # until the process ends
    except BlockingIOError:
        os.close(shared)
        raise _in_use(folder) from None
    except OSError:
        os.close(shared)  # a file system without locks; the owner has said so


def _let_go() -> None:
    """In a process that was forked, which may outlive this one: it reads data, and writes nothing into the folder."""
    while _HELD:
        os.close(_HELD.pop())


os.register_at_fork(after_in_child=_let_go)


def read(folder: Path) -> Owner | None:
    """Who holds a folder, or held it when it was killed; None if nobody does."""
    try:
        return Owner(**json.loads((folder / FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def begin(folder: Path) -> Owner | None:
    """Note that the owner's training has begun; None where nobody owns the folder."""
    owner = read(folder)
    if owner is None:
        return None
    begun = replace(owner, begun=True)
    _write(folder / FILE, begun)
    return begun


def _take(file: Path, owner: Owner) -> int | None:
    """The locked file; None on a file system without locks."""
    until = time.monotonic() + PATIENCE
    waits = False
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o666)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # a pipe would be waited for when it is read
            os.close(descriptor)
            raise SettingError(
                f"{file}: is not a file, but a run writes there which process owns its folder; move it elsewhere"
            )
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(descriptor, file):
                _write(file, owner)
                # Shared from now on, so that the processes of one run can hold it together.
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return descriptor
            os.close(descriptor)  # the owner before has removed it in between
        except BlockingIOError:
            os.close(descriptor)
            if not _was_killed(read(file.parent)) or time.monotonic() > until:
                raise _in_use(file.parent) from None
            if not waits:
                log.info("%s: waiting for the last processes of a killed run", os.path.relpath(file.parent))
            waits = True
            time.sleep(0.2)
        except OSError as error:
            os.close(descriptor)
            log.warning(
                "%s: this file system has no locks (%s), so do not start a second run in this folder",
                file.parent,
                error,
            )
            _write(file, owner)
            return None


def _is_still(descriptor: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(file))
    except FileNotFoundError:
        return False


def _write(file: Path, owner: Owner) -> None:
    file.write_text(json.dumps(asdict(owner)))  # in place: the lock belongs to this very file


def _was_killed(owner: Owner | None) -> bool:
    """Whether the owner's process is gone, and only others of its run still hold the folder."""
    if owner is None or owner.host != socket.gethostname():
        return False
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's
        return False
    return _waits_for_its_parent(owner.pid)


def _waits_for_its_parent(pid: int) -> bool:
    """Whether a process has ended and its parent has not noticed yet, as far as the system tells."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
    return False


def _in_use(folder: Path) -> SettingError:
    owner = read(folder)
    if owner is None:  # it has taken the folder just now, and is about to write who it is
        time.sleep(0.5)
        owner = read(folder)
    who = "another process" if owner is None else f"process {owner.pid} on {owner.host}, since {owner.started}"
    return SettingError(
        f"hydra.run.dir={folder}: is in use by {who}; nothing was changed; wait until it ends or choose another folder"
    )
