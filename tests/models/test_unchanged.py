"""Training comes to the same numbers as when they were recorded (tests/support/unchanged.py), whatever was rebuilt."""

import json
from pathlib import Path
from typing import Any

import pytest
import ranks
import torch
import unchanged
from thinned import asked_for, thinned

pytestmark = pytest.mark.long

RECORD: dict[str, Any] = {path.stem: json.loads(path.read_text()) for path in unchanged.RECORDED.glob("*.json")}
HERE = [name for name in RECORD if RECORD[name]["machine"] == unchanged.machine()]
"""Recorded on such a machine, so that every bit can be compared."""
# Where every bit of all can be compared, one recipe shows that the other comparison works.
ROUNDED = sorted(RECORD.keys() - {*HERE}) or ["dcgan"]


@pytest.fixture(scope="session")
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what two processes came to, of each recipe that a selected test needs."""
    folder = tmp_path_factory.mktemp("pair")
    ranks.run_pair(folder, *(f"recorded-{name}" for name in asked_for(request, "pair")))
    return folder


@pytest.fixture(autouse=True)
def quiet() -> Any:
    with ranks.quiet():
        yield


def test_every_recipe_is_recorded():
    assert set(RECORD) == set(unchanged.RECIPES)


@pytest.mark.parametrize("name", thinned(ROUNDED, unchanged.COVER.intersection(ROUNDED)))
def test_parameters_after_some_updates_are_those_recorded(name):
    found = unchanged.sums(unchanged.trained(name, "trainer.precision=64-true"))
    recorded = RECORD[name]["float64"]
    assert len(found) == len(recorded)
    # The first weights differ by roundings of float32. Where a token is chosen otherwise for that, so is what follows.
    tolerance = 5e-3 if "dataset=fake_sequences" in unchanged.RECIPES[name] else 1e-6
    for ours, theirs in zip(found, recorded, strict=True):
        assert ours == pytest.approx(theirs, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("name", thinned(sorted(HERE), unchanged.COVER.intersection(HERE)))
def test_parameters_are_the_same_to_the_bit(name):
    assert unchanged.digest(unchanged.trained(name)) == RECORD[name]["float32"]


@pytest.mark.parametrize("name", thinned(sorted(HERE), {*unchanged.FIRST}.intersection(HERE)))
def test_parameters_of_two_processes_are_the_same_to_the_bit(pair, name):
    for rank in range(2):
        assert torch.load(pair / f"recorded-{name}-{rank}.pt") == RECORD[name]["float32, two processes"]
