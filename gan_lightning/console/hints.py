"""What a user probably meant by a value that a setting cannot take."""

import re
from typing import Any

from gan_lightning.console.values import fits, shown

_SCALED = re.compile(r"(\d+(?:\.\d+)?)([km])", re.IGNORECASE)
_SCALES = {"k": 1_000, "m": 1_000_000}
_BOOLEANS = {"yes": True, "on": True, "1": True, "no": False, "off": False, "0": False}


def typed(value: Any) -> str:
    """A value as it would be typed: text that looks like a number or a boolean is in quotes."""
    looks_otherwise = isinstance(value, str) and (_number(value) is not None or value in ("true", "false", "null"))
    return f"'{value}'" if looks_otherwise else shown(value)


def hint(name: str, kind: Any, value: Any) -> str:
    """What to say instead of a value that a plain type does not take, as the end of a sentence; empty if unknown.

    It knows whole numbers with a point, an exponent, a unit or quotes (`1e3`, `10k`), other words for true and false,
    and numbers where text belongs.
    """
    if isinstance(value, int | float) and fits(kind, "text"):
        return f"; as text: \"{name}='{value}'\""
    meant = _BOOLEANS.get(str(value).lower())
    if meant is not None and fits(kind, meant):
        return f"; say {name}={shown(meant)}"
    scaled = _SCALED.fullmatch(value) if isinstance(value, str) else None
    number = float(scaled[1]) * _SCALES[scaled[2].lower()] if scaled else _number(value)
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    return f"; say {name}={number}" if number is not None and fits(kind, number) else ""


def _number(value: Any) -> int | float | None:
    """A number, or the one that a text spells; None for anything else."""
    if isinstance(value, int | float):
        return value
    for kind in (int, float):
        try:
            return kind(value)
        except (TypeError, ValueError):
            continue
    return None
