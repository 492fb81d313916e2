"""Folders of runs that somebody has spoilt."""

from pathlib import Path

import pytest
from spoilt import SECRET


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """A folder of runs beside a secret that no page may hold."""
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "outputs").mkdir()
    return tmp_path / "outputs"
