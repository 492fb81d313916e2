"""Notes about a data set for the start of a run: short sentences under headings."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gan_lightning.data.sources.colours import with_colour_names


class Note(NamedTuple):
    """One fact for the start of a run, such as ("Left out", "3 links to folders: a, b, c")."""

    heading: str
    text: str


WARNING = "Warning"
"""The heading of a note about something that is probably a mistake."""


def shown(name: object, most: int = 60) -> str:
    """A name from outside as one line of at most `most` characters; whatever cannot be printed is escaped."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(name))
    return text if len(text) <= most else f"{text[: most - 4]} ..."


def listed(names: Sequence[object], most: int = 3) -> str:
    """The first names of a list, and how many more there are."""
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in names[:most]) + rest


def by_class(labels: Iterable[int], class_names: Sequence[str], most: int = 8) -> str:
    """How many images each class has, in the order of the classes: `cats 40, dogs 80`."""
    counts = Counter(labels)
    parts = [f"{shown(name, 30)} {counts[i]:,}" for i, name in enumerate(with_colour_names(class_names)[:most])]
    rest = f" and {len(class_names) - most:,} more" if len(class_names) > most else ""
    return ", ".join(parts) + rest
