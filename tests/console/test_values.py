"""Whether a value is what a type says, and what the type takes in words."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Len

from gan_lightning.console.values import OrPart, Wording, fits, is_plain, marked, may_be_part, shown, words
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Count, PathText, Positive, Ramp


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        (int, [1, -3], [1.0, True, "1", None]),
        (float, [1, 0.5], [True, "1", float("nan"), float("inf")]),
        (bool, [True], [1, "true"]),
        (str, ["", "a\udcff"], [1, None]),
        (Count | None, [1, None], [0, "null"]),
        (Literal["a", 1], ["a", 1], ["b", 2, "1"]),
        (Sequence[Count], [[], [1, 2]], [[0], 1, [1, "2"]]),
        (Annotated[Sequence[str], Len(1)], [["a"]], [[], "a"]),
        (Mapping[str, int], [{"a": 1}], [{"a": "1"}, [1]]),
        (Annotated[Positive, OrPart()], [0.5, {"_target_": "x.Ramp", "start": 1}], [0, {"start": 1}, {"_target_": 3}]),
    ],
)
def test_no_value_counts_as_one_of_another_type(kind, inside, outside):
    assert [value for value in inside if not fits(kind, value)] == []
    assert [value for value in outside if fits(kind, value)] == []


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (int, "a whole number"),
        (Count | None, "a whole number from 1, or null"),
        (Positive | Literal["auto"], "a number above 0, or auto"),
        (Literal["a", "b", True], "a, b or true"),
        (Sequence[Count], "a list, each of it a whole number from 1"),
        (Sequence[Any], "a list"),
        (Annotated[Sequence[str], Len(1)], "a list of 1 or more, each of it text"),
        (Annotated[Sequence[float], Len(2, 2)], "a list of 2, each of it a number"),
        (PathText, "a path"),
        (Annotated[int, Wording("a colour")], "a colour"),
        (SettingError, "settings below it"),
    ],
)
def test_a_type_in_words(kind, told):
    assert words(kind) == told


def test_what_may_be_a_ramp_is_a_number_that_may_be_a_part():
    kind = marked(Positive | Ramp)
    assert may_be_part(kind)
    assert words(kind) == "a number above 0"
    assert fits(kind, {"_target_": "gan_lightning.ramps.Linear"})
    for other in (Positive, Positive | None, Ramp):
        assert marked(other) is other
        assert not may_be_part(other)


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        (int | None, True),
        (Sequence[Mapping[str, float]], True),
        (Annotated[Literal["a"], "note"], True),
        (Any, True),
        (Ramp, False),
        (float | Ramp, False),
        (Sequence[Ramp], False),
    ],
)
def test_objects_that_are_built_are_not_plain(kind, plain):
    assert is_plain(kind) == plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1e-5, "1e-05"),
        ([1, [None, "a"], ""], "[1,[null,a],'']"),
        ({"a": 1, "b": {"c": False}}, "{a:1,b:{c:false}}"),
    ],
)
def test_values_are_shown_as_they_are_typed(value, text):
    assert shown(value) == text


def test_long_settings_are_cut():
    text = shown({f"name{i}": i for i in range(50)})
    assert (len(text), text[-3:]) == (80, "...")
