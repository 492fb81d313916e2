"""Numbers with their nouns, for messages, and fewer of many."""


def counted(count: int, thing: str, things: str | None = None) -> str:
    """A number with its noun: 1 picture, 2 pictures."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"


def per_second(count: float, seconds: float, things: str) -> str:
    """How fast something was, to three digits: 1,234 images/s, 0.0512 images/s."""
    rate = count / seconds
    return f"{rate:,.0f} {things}/s" if rate >= 100 else f"{rate:.3g} {things}/s"


def evenly(count: int, most: int) -> list[int]:
    """At most so many positions of `count`, evenly, the last always and the first if there is room for two."""
    if count <= most:
        return list(range(count))
    if most == 1:
        return [count - 1]
    return [round(i * (count - 1) / (most - 1)) for i in range(most)]


def limited(count: int, limit: float) -> int:
    """How many of `count` a limit leaves: a whole number of them, or a share in (0, 1.0]."""
    return int(limit * count) if isinstance(limit, float) else min(limit, count)
