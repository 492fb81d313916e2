"""Shared by the tests of scores."""

import pytest

from gan_lightning.metrics.scores import sliced_wasserstein


@pytest.fixture(autouse=True)
def fewer_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the tests are quick."""
    monkeypatch.setattr(sliced_wasserstein, "PATCHES", 2048)
