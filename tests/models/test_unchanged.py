"""Training comes to the same numbers as when they were recorded (tests/support/unchanged.py), whatever was rebuilt."""

import json
from typing import Any

import pytest
import ranks
import torch
import unchanged

pytestmark = pytest.mark.long

RECORD: dict[str, Any] = {path.stem: json.loads(path.read_text()) for path in unchanged.RECORDED.glob("*.json")}
HERE = [name for name in RECORD if RECORD[name]["machine"] == unchanged.machine()]
"""Recorded on such a machine, so that every bit can be compared."""
# Where every bit of all can be compared, one recipe shows that the other comparison works.
ROUNDED = sorted(RECORD.keys() - {*HERE}) or ["dcgan"]


@pytest.fixture(autouse=True)
def quiet() -> Any:
    with ranks.quiet():
        yield


def test_every_recipe_is_recorded():
    assert set(RECORD) == set(unchanged.RECIPES)


@pytest.mark.parametrize("name", ROUNDED)
def test_parameters_after_some_updates_are_those_recorded(name):
    found = unchanged.sums(unchanged.trained(name, "trainer.precision=64-true"))
    recorded = RECORD[name]["float64"]
    assert len(found) == len(recorded)
    for ours, theirs in zip(found, recorded, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", sorted(HERE))
def test_parameters_are_the_same_to_the_bit(name):
    assert unchanged.digest(unchanged.trained(name)) == RECORD[name]["float32"]


def test_parameters_of_two_processes_are_the_same_to_the_bit(tmp_path):
    if not HERE:
        pytest.skip("float32 results were recorded on other machines")
    ranks.run_pair(tmp_path, *(f"recorded-{name}" for name in HERE))
    for name in HERE:
        for rank in range(2):
            found = torch.load(tmp_path / f"recorded-{name}-{rank}.pt")
            assert found == RECORD[name]["float32, two processes"], (name, rank)
