"""Numbers with their nouns, for messages, and fewer of many."""


def counted(count: int, thing: str, things: str | None = None) -> str:
    """A number with its noun: 1 picture, 2 pictures."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"


def evenly(count: int, most: int) -> list[int]:
    """At most so many positions of `count`, evenly, the last always and the first if there is room for two."""
    if count <= most:
        return list(range(count))
    if most == 1:
        return [count - 1]
    return [round(i * (count - 1) / (most - 1)) for i in range(most)]
