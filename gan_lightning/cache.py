"""Results that are slow to make and the same every time: made once, kept on disk, shared by processes."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock

from gan_lightning.errors import SettingError


def cached(folder: Path, name: str, key: dict[str, Any], make: Callable[[], Any]) -> Any:
    """What `make` returns (tensors and plain containers), from disk if it was made before.

    Args:
        folder: where cache files live; made if it is missing.
        name: readable start of the file's name.
        key: everything the result depends on; another key is another file.
        make: called at most once, however many processes ask at the same time.

    Raises:
        SettingError: `folder` cannot be written.
    """
    if Path(name).name != name:
        raise SettingError(f"{name}: a name in the cache cannot lead to another folder")
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    path = folder / f"{name}-{digest}.pt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_suffix(".lock")).acquire()
    except OSError as error:
        raise SettingError(f"cache_dir={folder}: cannot be written ({error})") from error
    with lock:  # releases it
        if not path.exists():
            result = make()
            partial = path.with_suffix(f".{os.getpid()}")
            torch.save(result, partial)
            partial.replace(path)  # atomic: a killed process leaves no half-written file under this name
        return torch.load(path, weights_only=True)
