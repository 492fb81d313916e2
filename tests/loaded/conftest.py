"""Models of earlier runs, which are kept beside the tests."""

from pathlib import Path

import pytest

from gan_lightning import load

RECORDED = Path(__file__).parents[1] / "models" / "recorded"


@pytest.fixture(scope="module")
def classes():
    """Of ten classes that are called 0 to 9."""
    return load(RECORDED / "cgan")


@pytest.fixture(scope="module")
def plain():
    return load(RECORDED / "dcgan")


@pytest.fixture(scope="module")
def translator():
    return load(RECORDED / "cyclegan")
