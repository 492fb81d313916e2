"""Text as it is typed into a shell: bash, zsh and fish alike."""

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[\w@+:,./-][\w@%+=:,./-]*", re.ASCII)  # zsh reads =ls, fish %self otherwise
# Inside of quotes, fish reads a backslash otherwise than bash and zsh, so that it stands in double quotes, doubled.
_PARTS = re.compile(r"('+)|(\\+)|[^'\\]+")


def word(text: str) -> str:
    """One word, in quotes if a shell would change it."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(map(_quoted, _PARTS.finditer(text))) or "''"


def line(words: Iterable[str]) -> str:
    """A command with its arguments."""
    return " ".join(map(word, words))


def _quoted(part: re.Match[str]) -> str:
    quotes, backslashes = part.groups()
    if quotes:
        return f'"{quotes}"'
    if backslashes:
        return f'"{backslashes * 2}"'
    return f"'{part[0]}'"
