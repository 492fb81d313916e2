"""Recorded runs that collapsed, oscillated or were healthy, and what is found in them."""

from pathlib import Path

from gan_lightning.diagnosis.evidence import Evidence, evidence
from gan_lightning.diagnosis.page import RULES
from gan_lightning.runs.found import find_runs

RECORDED = Path(__file__).parents[1] / "diagnosis" / "recorded"


def found(name: str) -> Evidence:
    (run,) = find_runs(RECORDED / name)
    return evidence(run)


def names(numbers: Evidence) -> list[str]:
    return [finding.name for rule in RULES if (finding := rule(numbers)) is not None]
