"""Settings for tables, which have no levels."""

from collections.abc import Iterator, Mapping
from typing import Any


def flat(node: Any, name: str = "") -> Iterator[tuple[str, bool | int | float | str]]:
    """Plain data as one level, by names with slashes; anything but a number becomes text, lists as a whole."""
    if isinstance(node, Mapping) and node:
        for key, child in node.items():
            yield from flat(child, f"{name}/{key}" if name else key)
    else:
        yield name, node if isinstance(node, bool | int | float) else str(node)
