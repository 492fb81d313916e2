"""A progress bar for work before training, such as reading pictures."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from rich.progress import track

T = TypeVar("T")


def progress(work: Iterable[T], description: str) -> Iterable[T]:
    """The items of `work`, with a bar on a terminal that disappears at the end; nothing is written elsewhere."""
    return track(work, description, transient=True, disable=not sys.stdout.isatty())
