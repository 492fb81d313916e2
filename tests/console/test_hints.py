"""What a user probably meant by a value that a setting cannot take."""

import pytest

from gan_lightning.console.hints import hint, typed
from gan_lightning.ranges import Count, Positive, Probability


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (int, 1000.0, "; say x=1000"),
        (int, "1e3", "; say x=1000"),
        (Count, "10k", "; say x=10000"),
        (Count, "2.5M", "; say x=2500000"),
        (float, "0.5", "; say x=0.5"),
        (float, "1e-5", "; say x=1e-05"),
        (bool, "yes", "; say x=true"),
        (bool, 0, "; say x=false"),
        (bool, "Off", "; say x=false"),
        (str, 3, "; as text: \"x='3'\""),
        (str | None, 3, "; as text: \"x='3'\""),
        (int, 0.5, ""),
        (Count, "-3", ""),  # a number, but none that it takes
        (Probability, "2", ""),
        (Positive, "fast", ""),
        (int, None, ""),
        (int, [1], ""),
    ],
)
def test_what_was_meant(kind, value, said):
    assert hint("x", kind, value) == said


@pytest.mark.parametrize(
    ("value", "text"),
    [("1e3", "'1e3'"), ("true", "'true'"), (3, "3"), (None, "null"), ("3.", "'3.'")],
)
def test_text_that_looks_otherwise_is_in_quotes(value, text):
    assert typed(value) == text
