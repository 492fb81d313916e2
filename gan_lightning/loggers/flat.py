"""Settings for tables, which have no levels."""

from collections.abc import Iterator
from typing import Any

from gan_lightning.nested import leaves


def flat(node: Any) -> Iterator[tuple[str, bool | int | float | str]]:
    """Plain data as one level, by names with slashes; anything but a number becomes text, lists as a whole."""
    for path, value in leaves(node):
        yield "/".join(path), value if isinstance(value, bool | int | float) else str(value)
