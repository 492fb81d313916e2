"""Numbers with their nouns, and fewer of many."""

import pytest

from gan_lightning.counting import evenly, limited, per_second


@pytest.mark.parametrize(
    ("count", "most", "kept"),
    [(0, 3, []), (2, 3, [0, 1]), (5, 3, [0, 2, 4]), (100, 1, [99]), (10, 4, [0, 3, 6, 9]), (1, 1, [0])],
)
def test_evenly(count, most, kept):
    assert evenly(count, most) == kept


@pytest.mark.parametrize(
    ("count", "seconds", "shown"),
    [(10, 195.5, "0.0512 images/s"), (64, 8, "8 images/s"), (99.96, 1, "100 images/s"), (4936, 4, "1,234 images/s")],
)
def test_per_second_has_three_digits(count, seconds, shown):
    assert per_second(count, seconds, "images") == shown


@pytest.mark.parametrize(("limit", "left"), [(1, 1), (1.0, 10), (20, 10), (0.25, 2), (0.05, 0)])
def test_a_limit_is_a_number_or_a_share(limit, left):
    assert limited(10, limit) == left
