"""What to type instead of a word that users know from other programs."""

from typing import NamedTuple


class Advice(NamedTuple):
    """What to type instead of some words that all mean the same.

    Attributes:
        words: as they are typed, in small letters and without - and _.
        settings: what to type instead, each as on a command line; alternatives are several.
        why: a clause before them.
    """

    words: str
    settings: tuple[str, ...]
    why: str = "say"
