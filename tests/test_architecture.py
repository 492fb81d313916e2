"""Who may import whom."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

import gan_lightning

PACKAGE = Path(gan_lightning.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
SINGLE_FILES = (
    "errors batch counting shell ranges ramps contracts distributed files tensors out_of_memory nested processor "
    "compatibility cache bicubic tokens vocabulary"
)
SHARED = set(SINGLE_FILES.split())
"""Single files without a room of their own. They know each other only in the order below."""
MAY_IMPORT = {
    "errors": set(),
    "batch": set(),
    "bicubic": set(),
    "tokens": set(),
    "counting": set(),
    "nested": set(),
    "processor": set(),
    "shell": set(),
    "ranges": {"errors"},
    "ramps": {"errors", "ranges"},
    "vocabulary": {"errors", "ranges"},
    "contracts": {"errors"},
    "distributed": {"errors"},
    "files": {"errors"},
    "tensors": {"files"},
    "out_of_memory": {"errors"},
    "compatibility": {"errors"},
    "cache": {"errors", "files", "tensors"},
    "losses": SHARED,
    "augment": SHARED,
    "networks": SHARED,
    "loggers": SHARED,
    "processes": SHARED,
    "data": SHARED | {"processes"},
    "models": SHARED | {"augment", "losses", "networks"},
    "metrics": SHARED | {"data"},
    "sampling": SHARED | {"data", "metrics", "models"},
    "callbacks": SHARED | {"data", "loggers", "metrics", "models", "processes", "sampling"},
    "console": SHARED | {"data", "metrics", "models", "processes"},
    "composition": SHARED | {"console", "metrics", "models", "networks"},
    "runs": SHARED | {"callbacks", "console", "data", "loggers", "metrics", "models", "processes", "sampling"},
    "loaded": SHARED | {"console", "data", "models", "networks", "runs", "sampling"},
    "handover": SHARED | {"data", "loaded", "models", "networks", "runs"},
    "diagnosis": SHARED | {"runs"},
    "report": SHARED | {"console", "diagnosis", "runs"},
    "training": SHARED | {"callbacks", "composition", "console", "loggers", "metrics", "processes", "runs"},
    "evaluate": SHARED
    | {"callbacks", "composition", "console", "data", "loggers", "metrics", "models", "processes", "runs", "sampling"},
    "generate": SHARED | {"console", "data", "metrics", "models", "processes", "runs", "sampling"},
    "export": SHARED | {"console", "handover", "loaded", "runs"},
    "demo": SHARED | {"data", "loaded"},
    "jobs": SHARED
    | {"console", "demo", "diagnosis", "evaluate", "export", "generate", "loaded", "loggers", "metrics", "processes"}
    | {"runs", "training"},
    "commands": {"jobs", "processes", "report"},
    "interactive": SHARED | {"callbacks", "console", "data", "jobs", "loaded", "processes", "report", "runs"},
    "__init__": {"handover", "interactive", "loaded", "runs"},
}
"""What each file or folder of the package may import of the others. Each line names only what is above it."""
HYDRA = {"composition", "console", "interactive", "runs", "sampling"}
HYDRA |= {"training", "evaluate", "export", "generate", "jobs"}
ENTRY_POINTS = {"training", "evaluate", "export", "generate", "report.command", "jobs", "commands"}
MOST_LINES = 300
MOST_LINES_OF_AN_ENTRY_POINT = 150
TORCH_ONLY = {"augment", "batch", "losses", "networks"}
TESTED_ELSEWHERE = {
    "console/version.py": "a line, which the tests of every command read",
    "data/progress.py": "one call of rich",
    "demo/translation.py": "a page, which a browser opens in demo/test_page.py",
}
"""Files without tests of their name, beside entry points, which tests run as commands."""


def room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_for_scripts(node: ast.AST) -> bool:
    """Whether it is what a file does when it is run, and not when it is imported."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def imports(file: Path) -> list[str]:
    found = []
    body = [node for node in ast.parse(file.read_text()).body if not is_for_scripts(node)]
    for node in ast.walk(ast.Module(body, [])):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found.append(node.module or "")
            if node.module == "gan_lightning":
                found += [f"gan_lightning.{alias.name}" for alias in node.names]
    return found


FILES = sorted(file for file in PACKAGE.rglob("*.py") if "conf" not in file.relative_to(PACKAGE).parts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_run_one_way(file):
    here = room(file)
    for name in imports(file):
        parts = name.split(".")
        if parts[0] == "gan_lightning" and len(parts) > 1 and parts[1] != here:
            assert parts[1] in MAY_IMPORT[here], f"{here} may not import {name}"
        if parts[0] in ("hydra", "omegaconf"):
            assert here in HYDRA, f"{here} may not import {name}"
        if here in TORCH_ONLY:
            assert parts[0] not in ("lightning", "torchvision", "torchmetrics", "wandb"), f"{here} imports {name}"


def test_every_room_is_on_the_plan():
    assert {room(file) for file in FILES} == set(MAY_IMPORT)


def test_the_documentation_says_who_may_import_whom():
    (table,) = re.findall(r"^\| Room .*\n\|[-|]+\n((?:\|.*\n)+)", PAGE.read_text(), re.MULTILINE)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    (single, _, nothing), *rooms = rows
    assert (set(re.findall(r"`(\w+)`", single)), nothing) == (SHARED, "")
    allowed = {
        here.strip("`"): set(re.findall(r"`(\w+)`", others)) | (SHARED if "single files" in others else set())
        for here, _, others in rooms
    }
    assert allowed == {here: others for here, others in MAY_IMPORT.items() if here not in SHARED}


READING_PATH = ["training.py", "models/gan.py", "models/adversarial.py", "models/stepping.py"]


def test_files_of_the_reading_path_name_their_neighbours():
    for before, after in pairwise(READING_PATH):
        first, second = (ast.get_docstring(ast.parse((PACKAGE / file).read_text())) or "" for file in (before, after))
        assert f"After it: `{after.removeprefix('models/') if '/' in before else after}`" in first
        assert f"Before this file: `{Path(before).name}`" in second


def test_no_room_imports_itself_through_others():
    above: set[str] = set()
    for here, allowed in MAY_IMPORT.items():
        assert allowed - {here} <= above, f"{here} imports what is below it"
        above.add(here)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_only_commands_name_entry_points(file):
    if room(file) not in ENTRY_POINTS | {"interactive", "report"}:
        for entry in ENTRY_POINTS:
            assert f"gan_lightning.{entry}" not in file.read_text(), f"{file} names gan_lightning.{entry}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_files_are_short(file):
    most = MOST_LINES_OF_AN_ENTRY_POINT if room(file) in ENTRY_POINTS else MOST_LINES
    assert len(file.read_text().splitlines()) <= most


def has_logic(file: Path) -> bool:
    """Whether a function of it does something: it has more than a docstring, and more than to be overridden."""
    functions = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)]
    bodies = [
        [line for line in node.body if not isinstance(line, ast.Expr | ast.Pass | ast.Raise)] for node in functions
    ]
    return any(bodies)


def test_tests_mirror_the_package():
    tests, without = Path(__file__).parent, set()
    for file in FILES:
        here = file.relative_to(PACKAGE)
        is_entry_point = room(file) in ENTRY_POINTS
        if file.name != "__init__.py" and not is_entry_point and has_logic(file):
            without |= set() if (tests / here.parent / f"test_{here.name}").exists() else {here.as_posix()}
    assert without == TESTED_ELSEWHERE.keys()


@pytest.mark.parametrize("step", ["gan", "pix2pix", "cyclegan"])
def test_training_step_and_its_losses_fit_one_screen(step):
    tree = ast.parse((PACKAGE / "models" / f"{step}.py").read_text())
    methods = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    ends = [methods[name].end_lineno for name in ("generator_loss", "discriminator_loss")]
    assert max(end for end in ends if end is not None) - methods["step"].lineno < 55
