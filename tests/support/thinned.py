"""Many cases of which `make test` tries some, and `make test-all` all."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def thinned(cases: Iterable[Any], kept: Collection[Any]) -> list[Any]:
    """All cases of a test, as pytest's parameters; those that are not `kept` are left to `make test-all`."""
    every = list(cases)
    assert all(case in every for case in kept), "kept cases that are none"
    return [case if case in kept else _exhaustive(case) for case in every]


def _exhaustive(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.exhaustive)


def asked_for(request: pytest.FixtureRequest, fixture: str) -> list[str]:
    """The parameter `name` of each selected test that uses a fixture; what the other tests need is not computed."""
    items = [item for item in request.session.items if fixture in getattr(item, "fixturenames", ())]
    given = [item.callspec.params for item in items if hasattr(item, "callspec")]
    return sorted({params["name"] for params in given if "name" in params})  # another room's fixture may have its name


def in_turn(some: Iterable[Any], others: Collection[Any]) -> list[tuple[Any, Any]]:
    """Pairs in which every value occurs: the values of the longer side once, those of the shorter one in turn."""
    one, two = list(some), list(others)
    return [(one[i % len(one)], two[i % len(two)]) for i in range(max(len(one), len(two)))]
