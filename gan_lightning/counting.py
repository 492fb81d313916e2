"""Numbers with their nouns, for messages."""


def counted(count: int, thing: str, things: str | None = None) -> str:
    """A number with its noun: 1 picture, 2 pictures."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"
