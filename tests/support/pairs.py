"""A few settings in which every pair of values meets, instead of the product of all."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product

import numpy as np

Setting = dict[str, str]
Pair = frozenset[tuple[str, str]]


def pairs_of(setting: Setting) -> set[Pair]:
    """All pairs of values, each beside the name of its factor, that meet in a setting."""
    return {frozenset(pair) for pair in combinations(setting.items(), 2)}


def allowed_settings(factors: Mapping[str, Sequence[str]], fits: Callable[[Setting], bool]) -> list[Setting]:
    """The product of all factors' values, without the settings that do not fit."""
    every = (dict(zip(factors, values, strict=True)) for values in product(*factors.values()))
    return [setting for setting in every if fits(setting)]


def cover(settings: Sequence[Setting]) -> list[Setting]:
    """Some of `settings`, the same at every call, in which every pair of values meets that meets in any of them.

    Greedy: always the first of those that bring most new pairs. (As few as possible would be a hard problem.)
    """
    number: dict[Pair, int] = {}
    held = np.array([[number.setdefault(pair, len(number)) for pair in pairs_of(setting)] for setting in settings])
    missing = np.ones(len(number), dtype=bool)
    chosen = []
    while missing.any():
        best = int(missing[held].sum(1).argmax())
        missing[held[best]] = False
        chosen.append(settings[best])
    return chosen
