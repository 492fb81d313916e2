"""Which numbers settings take, and the messages about other numbers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.ranges import (
    MOST,
    AtLeastZero,
    BelowHalf,
    BelowOne,
    Count,
    Few,
    PathText,
    Positive,
    Probability,
    RealTarget,
    Seed,
    Share,
    Signed,
    Size,
    Whole,
    fits,
    is_path,
    within,
)


@pytest.mark.parametrize(
    ("kind", "inside", "outside", "words"),
    [
        (Count, [1, MOST], [0, -1, 1.0, "1", True, None], "a whole number from 1"),
        (Whole, [0, 1], [-1, 0.0], "a whole number from 0"),
        (Few, [1, 1024], [0, 1025], "a whole number from 1 to 1024"),
        (Size, [65_536], [65_537], "a whole number from 1 to 65536"),
        (Positive, [1e-30, 1, 1e30], [0, -1e-9, float("inf"), float("nan"), False], "a number above 0"),
        (AtLeastZero, [0, 0.0], [-1e-9], "a number from 0"),
        (Share, [1e-9, 1], [0, 1.001], r"a number in (0, 1]"),
        (Probability, [0, 1], [-0.1, 1.1], r"a number in [0, 1]"),
        (BelowOne, [0, 0.999], [1], r"a number in [0, 1)"),
        (BelowHalf, [0, 0.49], [0.5], r"a number in [0, 0.5)"),
        (RealTarget, [0.51, 1], [0.5, 1.01], r"a number in (0.5, 1]"),
        (Signed, [-0.99, 0, 0.99], [-1, 1], r"a number in (-1, 1)"),
    ],
)
def test_limits_and_their_words(kind, inside, outside, words):
    for value in inside:
        assert fits(kind, value), value
        assert within("part.setting", kind, value) is value
    for value in outside:
        assert not fits(kind, value), value
        with pytest.raises(SettingError) as raised:
            within("part.setting", kind, value)
        assert str(raised.value) == f"part.setting={value}: {words}"


def test_limits_of_the_arithmetic_are_named_only_where_they_are_exceeded():
    with pytest.raises(SettingError, match=rf"seed={2**32}: a whole number from 0 to {2**32 - 1}$"):
        within("seed", Seed, 2**32)
    with pytest.raises(SettingError, match=r"seed=-1: a whole number from 0$"):
        within("seed", Seed, -1)
    with pytest.raises(SettingError, match=rf"from 1 to {MOST}$"):
        within("n", Count, MOST + 1)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (PathText, True),
        (PathText | None, True),
        (Sequence[PathText], True),
        (Annotated[PathText | None, "more"], True),
        (str, False),
        (Path, False),
        (Count, False),
        (Literal["PathText"], False),
        (Sequence[str] | None, False),
    ],
)
def test_which_settings_are_paths(kind, expected):
    assert is_path(kind) == expected
