"""Every notebook runs from its first cell to its last, in a folder of its own."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from thinned import thinned

pytestmark = pytest.mark.long

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
SHORTER = {
    "00_start": {
        "max_images=16000": "max_images=2000",
        '"network.width": 8, "dataset.batch_size": 16': (
            '"network.width": 4, "dataset.batch_size": 2, "metrics.num_fake": 350, "metrics.extractor.images": 1000'
        ),
        "max_images=20000": "max_images=2100",
    },
    "01_divergences": {"100_000 *": "1_000 *", "range(120)": "range(12)", "range(80)": "range(8)"},
    "02_compare_losses": {"max_generator_steps=500 dataset.num_train=64000": "max_generator_steps=20"},
    "03_sweeps_and_reports": {
        "network.width=8 max_images=6000 metrics.num_fake=500": (
            "network.width=4 max_images=1000 metrics.num_fake=100 metrics.extractor.images=2000"
        )
    },
    "04_evaluation": {"images=40000": "images=2000"},
    "05_vae_and_gan": {
        "dataset=digits max_images=8000": "dataset=digits network.width=4 max_images=320",
        "metrics.extractor.images=8000": "metrics.extractor.images=1000",
    },
    "06_can_d_generate": {"rounds = 801": "rounds = 12", "shown = [0, 10, 50, 150, 400, 800]": "shown = [0, 10]"},
}
"""What tests change in a notebook, so that it trains as little as it can."""
FEW = [path for path in NOTEBOOKS if path.stem in ("00_start", "01_divergences", "04_evaluation")]
"""The first that a user runs, and those that train next to nothing."""


def shortened(path: Path) -> Any:
    """A notebook with the smallest budgets."""
    notebook = nbformat.read(path, 4)
    for old, new in SHORTER.get(path.stem, {}).items():
        (cell,) = (cell for cell in notebook.cells if cell.cell_type == "code" and old in cell.source)
        cell.source = cell.source.replace(old, new)
    return notebook


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with matplotlib's list of fonts. The user's own list may be missing, or of another installation; both
    write to stderr."""
    folder = tmp_path_factory.mktemp("matplotlib")
    listing = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(listing, env={**os.environ, "MPLCONFIGDIR": str(folder)}, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("path", thinned(NOTEBOOKS, FEW), ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the Jupyter client's event loops
def test_notebook_runs(tmp_path, monkeypatch, fonts, path):
    monkeypatch.setenv("MPLCONFIGDIR", str(fonts))
    notebook = shortened(path)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_notebook_imports_exists_and_what_tests_change_is_there(path):
    cells = [cell.source for cell in shortened(path).cells if cell.cell_type == "code"]
    lines = "\n".join(line for cell in cells for line in cell.splitlines() if not line.startswith("!"))
    for node in ast.walk(ast.parse(lines)):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("gan_lightning"):
            exec(ast.unparse(node), {})


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_shows_its_outputs_and_is_small(path):
    notebook = nbformat.read(path, 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert path.stat().st_size < 1_000_000
    assert not re.search("/(home|root|tmp|work)/", path.read_text())


def test_there_are_notebooks():
    assert NOTEBOOKS
