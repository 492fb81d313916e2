"""Whether a run's folder can be gone on with, found out before anything in it changes."""

import os
import stat
from pathlib import Path

from gan_lightning.errors import SettingError

_FILES = ("config.yaml", "status.json", "scores.jsonl", "error.txt", "train.log", "training.png", "curves.png")
_FOLDERS = ("checkpoints", "logs", "samples")


def refuse_unusable(folder: Path) -> None:
    """Check that a run's files are files that can be written, and its folders are folders.

    Raises:
        SettingError: one is not.
    """
    files = [folder / name for name in _FILES] + [folder / "logs" / "metrics.csv"]
    folders = [folder, *(folder / name for name in _FOLDERS)]
    for expected, paths, kind in ((stat.S_ISREG, files, "file"), (stat.S_ISDIR, folders, "folder")):
        for path in paths:
            try:
                found = path.stat().st_mode
            except FileNotFoundError:
                continue
            except OSError as error:
                raise SettingError(f"resume={folder}: {path} cannot be read ({error.strerror})") from error
            if not expected(found):
                raise SettingError(
                    f"resume={folder}: {path} is not a {kind}, but a run needs one there; move it elsewhere"
                )
            if not os.access(path, os.W_OK):
                raise SettingError(f"resume={folder}: {path} cannot be written; make it writable, or copy the run")
