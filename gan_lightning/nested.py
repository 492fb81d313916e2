"""Plain data in several levels, such as a configuration."""

import math
from collections.abc import Iterator, Mapping
from typing import Any


def leaves(node: Any, lists: bool = False, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value with the keys that lead to it. An empty mapping or list is a value too.

    Args:
        node: mappings in mappings.
        lists: whether the elements of lists are values of their own, with their positions as keys.
        path: of the node itself.
    """
    if isinstance(node, Mapping) and node:
        for key, child in node.items():
            yield from leaves(child, lists, (*path, str(key)))
    elif lists and isinstance(node, list) and node:
        for i, child in enumerate(node):
            yield from leaves(child, lists, (*path, str(i)))
    else:
        yield path, node


def in_json(node: Any) -> Any:
    """The same data with None, which JSON writes as null, for numbers that are not finite, which JSON does not know."""
    if isinstance(node, Mapping):
        return {key: in_json(child) for key, child in node.items()}
    if isinstance(node, list | tuple):
        return [in_json(child) for child in node]
    return None if isinstance(node, float) and not math.isfinite(node) else node
