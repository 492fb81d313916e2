"""Which code of the user's own a command may import: the packages that `trusted` names, and nothing else.

A folder that was downloaded may hold a file with the name of any module that some library tries to import. The working
folder is therefore not on Python's search path; a package in it is found only if it was asked for by name.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import final


@final
class _InFolder(MetaPathFinder):
    """Finds some top-level packages or modules in one folder, and no others there."""

    def __init__(self, folder: str, names: frozenset[str]) -> None:
        self.folder = folder
        self.names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(fullname, [self.folder], target) if fullname in self.names else None


def import_from_here(trusted: Sequence[str]) -> None:
    """Let packages in the working folder be imported, those of the given names only.

    Installed packages of the same name come first, so that a folder hides nothing.

    Args:
        trusted: names of packages, or full names of classes in them.
    """
    names = frozenset(name.partition(".")[0] for name in trusted)
    before = [(finder.folder, finder.names) for finder in sys.meta_path if isinstance(finder, _InFolder)]
    if names and (str(Path.cwd()), names) not in before:
        sys.meta_path.append(_InFolder(str(Path.cwd()), names))
