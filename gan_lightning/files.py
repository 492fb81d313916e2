"""Files that are written as a whole, and that lie where the user's folders are."""

import os
from contextlib import suppress
from pathlib import Path

from gan_lightning.errors import FaultError, SettingError

CHOOSE_CACHE = (
    "choose a folder by its full path; for the cache GAN_LIGHTNING_CACHE=FOLDER in the environment, or "
    "cache_dir=FOLDER on the command line"
)


def expanded(path: object) -> Path:
    """A path with `~` replaced by the home folder.

    Raises:
        SettingError: it begins with `~`, and no home folder is known.
    """
    try:
        return Path(str(path)).expanduser()
    except RuntimeError as error:
        raise SettingError(f"{path}: this account has no home folder, which ~ means; {CHOOSE_CACHE}") from error


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write beside a file's name and rename: whoever looks finds the whole new file or the old one.

    Never through a link, neither one of the file's name nor one that somebody has put beside it.

    Raises:
        FaultError: it could not be written; the old one is still there.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise FaultError(f"{path} could not be written ({error.strerror})") from error


def remove_partials(folder: Path) -> None:
    """Remove what killed writers left in a folder that nobody writes to now."""
    for partial in folder.glob(".*.partial"):
        with suppress(OSError):
            partial.unlink()
