"""How a network grows with the budget, against the authors' schedule."""

import pytest

from gan_lightning.networks import Growth


def test_the_level_of_detail_is_that_of_the_authors_schedule() -> None:
    """Of 4,200 thousand images up to 32 pixels, 600 for each level and each fade."""
    growth = Growth(32, grown=3600 / 4200)
    details = {
        kimg: 3 - growth.at(kimg / 4200) for kimg in (0, 599, 600, 900, 1200, 1800, 2100, 2400, 3300, 3600, 4200)
    }
    expected = {0: 3, 599: 3, 600: 3, 900: 2.5, 1200: 2, 1800: 2, 2100: 1.5, 2400: 1, 3300: 0.5, 3600: 0, 4200: 0}
    assert details == pytest.approx(expected)
    assert Growth(32, grown=0).at(0.0) == 3
