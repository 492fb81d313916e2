"""Every notebook runs from its first cell to its last, in a folder of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with matplotlib's list of fonts. The user's own list may be missing, or of another installation; both
    write to stderr."""
    folder = tmp_path_factory.mktemp("matplotlib")
    listing = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(listing, env={**os.environ, "MPLCONFIGDIR": str(folder)}, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the Jupyter client's event loops
def test_notebook_runs(tmp_path, monkeypatch, fonts, path):
    monkeypatch.setenv("MPLCONFIGDIR", str(fonts))
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_shows_its_outputs_and_is_small(path):
    notebook = nbformat.read(path, 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert path.stat().st_size < 1_000_000
    assert not re.search("/(home|root|tmp|work)/", path.read_text())


def test_there_are_notebooks():
    assert NOTEBOOKS
