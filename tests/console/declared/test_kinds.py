"""Tables of settings: what is read of them, and what durations and names of packages look like."""

from typing import Annotated, Any, TypedDict

import pytest

from gan_lightning.console.declared.groups import Group, OneOrNone
from gan_lightning.console.declared.kinds import Devices, Duration, Measured, Packages, Refused, read
from gan_lightning.console.values import Meaning, fits
from gan_lightning.ranges import Count


class Table(TypedDict, total=False):
    """Some settings."""

    plain: int
    told: Annotated[Count, Meaning("how many"), Meaning("of them")]
    group: OneOrNone
    refused: Annotated[Any, Refused("say other=1")]
    measured: Annotated[Any, Measured()]


class More(Table):
    """Those of `Table`, and one."""

    more: float


def test_marks_take_the_place_of_kinds_and_meanings_are_joined():
    kinds, meanings = read(More)
    assert kinds["plain"] is int
    assert kinds["group"] == Group(may_be_null=True)
    assert kinds["refused"] == Refused("say other=1")
    assert kinds["measured"] == Measured()
    assert kinds["more"] is float
    assert fits(kinds["told"], 1)
    assert not fits(kinds["told"], 0)
    assert meanings == dict.fromkeys(kinds, "") | {"told": "how many of them"}


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        (
            Duration,
            [None, "00:01:30:00", "1000:0:0:0", {"hours": 1}, {"days": 0, "minutes": 3}],
            ["01:30:00", "1:2:3:400", {}, {"weeks": 1}, {"hours": 0.5}, 3600],
        ),
        (Devices, [1, "auto", -1, "-1", [0, 2]], [0, -2, "2", [], [-1], True]),
        (Packages, [[], ["mine"], ["my_package.networks"]], ["mine", ["a/b"], ["1st"], ["a."], ["a-b"], [""]]),
    ],
)
def test_kinds_that_commands_share(kind, inside, outside):
    assert [value for value in inside if not fits(kind, value)] == []
    assert [value for value in outside if fits(kind, value)] == []
