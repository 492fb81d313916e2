"""What a rule finds."""

from collections.abc import Sequence
from typing import NamedTuple, final


@final
class Finding(NamedTuple):
    """What is probably wrong.

    Attributes:
        name: in a few words.
        numbers: a sentence with the numbers that show it.
        advice: settings to try, each with what it does.
        sources: of the advice.
    """

    name: str
    numbers: str
    advice: Sequence[str]
    sources: Sequence[str]


def sentence(parts: Sequence[str]) -> str:
    """Parts of a sentence, with semicolons between them."""
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."
