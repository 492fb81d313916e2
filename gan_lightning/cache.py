"""Results that are slow to make and the same every time: made once, kept on disk, shared by processes."""

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import CHOOSE_CACHE
from gan_lightning.tensors import DamagedFileError, read_tensors, write_tensors

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds of waiting for another run before a message says so."""


def cached(folder: Path, name: str, key: dict[str, Any], make: Callable[[], Any]) -> Any:
    """What `make` returns (tensors and plain containers), from disk if it was made before.

    A file that is damaged, or holds something else, is named in a warning and made again.

    Args:
        folder: where cache files live; made if it is missing.
        name: readable start of the file's name.
        key: everything the result depends on; another key is another file.
        make: called at most once, however many processes ask at the same time.

    Raises:
        SettingError: `folder` cannot be written; something else lies where the file belongs.
    """
    if Path(name).name != name:
        raise SettingError(f"{name}: a name in the cache cannot lead to another folder")
    key_text = json.dumps(key, sort_keys=True)
    path = folder / f"{name}-{hashlib.sha256(key_text.encode()).hexdigest()[:16]}.pt"
    # Files are replaced as a whole, so the lock is only for those who make one: a shared cache may be read-only.
    with suppress(DamagedFileError):
        return _read(path, key_text)
    for own in (path, path.with_suffix(".lock")):
        if own.exists() and not own.is_file():
            raise SettingError(
                f"{own}: the cache needs a file here, but this is not a file; remove it, or {CHOOSE_CACHE}"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = acquired(path.with_suffix(".lock"))
    except OSError as error:
        raise _unwritable(folder, error) from error
    with lock:  # releases it
        if os.path.lexists(path):
            try:
                return _read(path, key_text)  # another run has made it meanwhile
            except DamagedFileError as error:
                log.warning("The cache file %s %s; it will be made again", path, error)
        _remove_partials(folder, path)
        result = make()
        try:
            write_tensors(path, {"key": key_text, "content": result})
        except FaultError as error:
            raise _unwritable(folder, error.__cause__) from error
        return result


def acquired(path: Path) -> FileLock:
    """The lock of a file; a message says so if another run holds it for long.

    Raises:
        OSError: the lock file cannot be written.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        log.warning("Waiting for another run that is making %s (lock file %s)", path.stem, path)
        lock.acquire()
    return lock


def _read(path: Path, key: str) -> Any:
    """The content of a cache file.

    Raises:
        DamagedFileError: it is missing, damaged, or was made for another key.
    """
    found = read_tensors(path, sealed=True)
    if not isinstance(found, dict) or found.get("key") != key:
        raise DamagedFileError("holds other data than its name says")
    return found["content"]


def _remove_partials(folder: Path, own: Path) -> None:
    """Remove what killed runs left half-written: nobody writes a file whose lock is free. `own` is locked already."""
    for partial in folder.iterdir():
        # .NAME-DIGEST.pt.partial; earlier versions wrote NAME-DIGEST.PROCESS.
        match = re.fullmatch(r"\.?(.+-[0-9a-f]{16})\.(?:pt\.partial|\d+)", partial.name)
        if match is None:
            continue
        with suppress(OSError, Timeout):
            if match[1] == own.stem:
                partial.unlink()
            else:
                with FileLock(folder / f"{match[1]}.lock", timeout=0):
                    partial.unlink()


def _unwritable(folder: Path, error: BaseException | None) -> SettingError:
    reason = error.strerror if isinstance(error, OSError) else None
    return SettingError(f"cache_dir={folder}: cannot be written ({reason or error}); {CHOOSE_CACHE}")
