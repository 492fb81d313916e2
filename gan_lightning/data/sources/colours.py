"""Names for colours that are written as codes, so that a class `#28150a` can be called dark brown."""

import colorsys
import re
from collections import Counter
from collections.abc import Sequence

_CODE = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_HUES = [(15, "red"), (45, "orange"), (70, "yellow"), (160, "green"), (200, "cyan"), (255, "blue"), (290, "purple")]
_HUES += [(345, "pink"), (360, "red")]  # each up to an angle in degrees
_PALEST = 0.09
"""A difference between the largest and the smallest of red, green and blue below which a colour is grey."""


def colour_names(names: Sequence[str]) -> list[str]:
    """For each code such as `#28150a` a name in English, numbered where several are alike; other names as they are."""
    spoken = [_spoken(name) if _CODE.fullmatch(name) else name for name in names]
    alike, seen = Counter(spoken), Counter[str]()
    different = []
    for name, code in zip(spoken, names, strict=True):
        seen[name] += 1
        different.append(f"{name} {seen[name]}" if alike[name] > 1 and name != code else name)
    return different


def with_colour_names(names: Sequence[str]) -> list[str]:
    """Names with a colour's name behind its code: `#28150a (dark brown)`."""
    return [
        name if name == spoken else f"{name} ({spoken})"
        for name, spoken in zip(names, colour_names(names), strict=True)
    ]


def _spoken(code: str) -> str:
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if max(red, green, blue) - min(red, green, blue) < _PALEST:
        if lightness < 0.12 or lightness > 0.93:
            return "black" if lightness < 0.12 else "white"
        return f"{_tone(lightness, 0.35, 0.7)}grey"
    name = next(name for end, name in _HUES if hue * 360 <= end)
    warm = name in ("red", "orange", "yellow")
    if warm and lightness < 0.45 and (name == "orange" or (name == "red" and saturation < 0.6)):
        name = "brown"
    elif name == "orange" and (saturation < 0.6 or lightness > 0.7):
        name = "beige" if lightness > 0.6 else "brown"
    elif name == "red" and lightness > 0.65:
        name = "pink"
    return f"{_tone(lightness, 0.25, 0.75)}{name}"


def _tone(lightness: float, dark: float, light: float) -> str:
    return "dark " if lightness < dark else "light " if lightness > light else ""
