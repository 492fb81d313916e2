"""Where the data and scores that a checkpoint describes would write to and read from on this machine."""

import inspect
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.utils import get_object

from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.ranges import is_path
from gan_lightning.sampling.trust import at, nodes, settings

_OWN_FOLDERS = ("cache_dir", "folder", "root")
"""Settings that name folders which data sets and scores write to."""

_OF_THE_SYSTEM = ("bin", "boot", "dev", "etc", "lib", "lib64", "proc", "run", "sbin", "sys")

_OTHERS = "name a data set with dataset=... and scores with metrics=..."


def refuse_foreign_folders(part: Any, allowed: Sequence[str]) -> None:
    """Check where data or scores from a checkpoint would write or fetch to, before anything is instantiated.

    Args:
        part: plain data, whose classes `refuse_untrusted` has checked.
        allowed: this machine's folders for caches and downloads.

    Raises:
        SettingError: a cache or a download would go elsewhere, or a name could lead there.
    """
    folders = [os.path.abspath(expanded(folder)) for folder in allowed]
    for node in nodes(part):
        if not _is_checked(node):
            continue
        for key, value in settings(node):
            if key in _OWN_FOLDERS:
                path = Path(os.path.abspath(expanded(value)))
                if not any(path.is_relative_to(folder) for folder in folders):
                    raise SettingError(
                        f"the checkpoint's {key} is {value}, outside of cache_dir and data_dir; {_OTHERS}, or set "
                        "cache_dir or data_dir to a folder that holds it"
                    )
            elif key != "_target_" and not _names_a_path(node, key) and re.search(r"[/\\\0]|^\.\.$", str(value)):
                raise SettingError(
                    f"the checkpoint's configuration holds {key}={value!r:.80}, where a name is expected and no path; "
                    f"{_OTHERS}"
                )


def refuse_odd_places(name: str, saved: Any, given: Any, allowed: Sequence[str]) -> None:
    """Check what data or scores from a checkpoint would read, before anything is instantiated.

    Args:
        name: `dataset` or `metrics`, for messages.
        saved: the checkpoint's, plain data.
        given: what the command line says instead, which the user answers for.
        allowed: this machine's folders for caches and downloads.

    Raises:
        SettingError: a path does not exist here, is neither a folder nor a file, or leads to where no pictures are
            kept: folders of the system, hidden ones, or one that holds whole home folders.
    """
    known = [Path(os.path.realpath(expanded(folder))) for folder in allowed]
    for path, value in read_paths(saved):
        if at(given, path) is not None:
            continue
        setting = f"{name}.{'.'.join(path)}"
        why = _why_not(value, known)
        if why is not None:
            raise SettingError(f"the checkpoint's {setting} is {value!r:.200}, {why}; +{setting}=PATH names another")


def read_paths(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every path in plain data that is only read, with its dotted name."""
    if isinstance(part, list):
        for child in part:
            yield from read_paths(child, path)
    elif isinstance(part, dict):
        for key, child in part.items():
            yield from read_paths(child, (*path, key))
        if _is_checked(part):
            for key, value in settings(part):
                if value is not None and key not in _OWN_FOLDERS and _names_a_path(part, key):
                    yield (*path, key), str(value)


def _why_not(value: str, known: Sequence[Path]) -> str | None:
    """Why a path from a checkpoint is not read; None if it is."""
    try:
        place = Path(os.path.realpath(expanded(value)))
        mode = place.stat().st_mode
    except (OSError, ValueError):  # no such place, or no path at all
        return "which cannot be found on this machine"
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        return "which is a pipe, a socket or a device"
    if any(place.is_relative_to(folder) for folder in known):
        return None
    if place.parts[1:2] and place.parts[1] in _OF_THE_SYSTEM:
        return "which belongs to the system"
    if any(part.startswith(".") for part in place.parts):
        return "which is hidden"
    if Path(os.path.realpath(os.path.expanduser("~"))).is_relative_to(place):
        return "which holds a whole home folder"
    return None


def _is_checked(node: Mapping[str, Any]) -> bool:
    """Whether this package answers for what a node names; the user has said to trust other classes."""
    return str(node.get("_target_", "gan_lightning.")).startswith(("gan_lightning.", "torchvision."))


def _names_a_path(node: Mapping[str, Any], key: str) -> bool:
    """Whether the class of a node says that a setting of it is a path."""
    if "_target_" not in node:
        return False
    parameter = inspect.signature(get_object(node["_target_"])).parameters.get(key)
    return parameter is not None and is_path(parameter.annotation)
