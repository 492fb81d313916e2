"""Training comes to the same numbers as when they were recorded (tests/support/unchanged.py), whatever was rebuilt."""

import json
from typing import Any

import pytest
import ranks
import torch
import unchanged

pytestmark = pytest.mark.long

RECORD: dict[str, Any] = json.loads(unchanged.RECORDED.read_text())
IS_SAME_MACHINE = RECORD["machine"] == unchanged.machine()
SAME_MACHINE = pytest.mark.skipif(not IS_SAME_MACHINE, reason=f"float32 results were recorded on {RECORD['machine']}")
# Where every bit can be compared, one recipe shows that the other comparison works.
ROUNDED = ["dcgan"] if IS_SAME_MACHINE else list(unchanged.RECIPES)


@pytest.fixture(autouse=True)
def quiet() -> Any:
    with ranks.quiet():
        yield


def test_every_recipe_is_recorded():
    assert set(RECORD["recipes"]) == set(unchanged.RECIPES)


@pytest.mark.parametrize("name", ROUNDED)
def test_parameters_after_some_updates_are_those_recorded(name):
    found = unchanged.sums(unchanged.trained(name, "trainer.precision=64-true"))
    recorded = RECORD["recipes"][name]["float64"]
    assert len(found) == len(recorded)
    for ours, theirs in zip(found, recorded, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-6)


@SAME_MACHINE
@pytest.mark.parametrize("name", unchanged.RECIPES)
def test_parameters_are_the_same_to_the_bit(name):
    assert unchanged.digest(unchanged.trained(name)) == RECORD["recipes"][name]["float32"]


@SAME_MACHINE
def test_parameters_of_two_processes_are_the_same_to_the_bit(tmp_path):
    ranks.run_pair(tmp_path, *(f"recorded-{name}" for name in unchanged.RECIPES))
    for name in unchanged.RECIPES:
        for rank in range(2):
            found = torch.load(tmp_path / f"recorded-{name}-{rank}.pt")
            assert found == RECORD["recipes"][name]["float32, two processes"], (name, rank)
