"""Numbers with their nouns, and fewer of many."""

import pytest

from gan_lightning.counting import evenly


@pytest.mark.parametrize(
    ("count", "most", "kept"),
    [(0, 3, []), (2, 3, [0, 1]), (5, 3, [0, 2, 4]), (100, 1, [99]), (10, 4, [0, 3, 6, 9]), (1, 1, [0])],
)
def test_evenly(count, most, kept):
    assert evenly(count, most) == kept
