"""Who may import whom."""

import ast
from pathlib import Path

import pytest

import gan_lightning

PACKAGE = Path(gan_lightning.__file__).parent
SHARED = {"cache", "contracts", "counting", "errors", "files", "memory", "ranges", "shell"}
MAY_IMPORT = {
    "batch": set(),
    "errors": set(),
    "counting": set(),
    "cache": set(),
    "contracts": set(),
    "ranges": set(),
    "files": set(),
    "losses": set(),
    "augment": set(),
    "networks": {"batch"},
    "data": {"batch", "runs"},
    "models": {"augment", "batch", "losses", "networks"},
    "metrics": {"batch", "data"},
    "callbacks": {"batch", "loggers", "metrics", "models", "runs"},
    "loggers": set(),
    "config": {"runs"},
    "checkpoint": {"models", "runs", "sampling"},
    "runs": {"models"},
    "sampling": {"batch", "data", "models"},
    "console": {"config", "data", "metrics", "models"},
    "cli": {"console", "runs", "suggestions"},
    "suggestions": {"config", "console"},
    "status": {"checkpoint", "cli", "runs"},
    "summary": {"checkpoint", "spreadsheet", "status"},
    "sweep": {"checkpoint", "cli", "config", "console", "runs", "status", "suggestions", "summary"},
    "launch": {"cli", "console", "models", "resume", "runs"},
    "resume": {"checkpoint", "config", "console", "models", "runs", "sampling"},
    "composition": {"batch", "config", "models"},
    "first_files": {"config", "loggers", "runs", "status"},
    "fitting": {"cli", "data", "models", "resume", "runs"},
    "ending": {"config", "console", "metrics", "next_steps"},
    "train": {"callbacks", "checkpoint", "cli", "composition", "config", "console", "ending", "first_files", "fitting"}
    | {"launch", "loggers", "metrics", "resume", "runs", "status", "sweep"},
    "evaluate": {"callbacks", "checkpoint", "cli", "config", "console", "data", "launch", "loggers", "models"}
    | {"metrics", "runs", "sampling"},
    "generate": {"callbacks", "checkpoint", "cli", "config", "console", "data", "metrics", "models", "runs", "sampling"}
    | {"translate"},
    "report": {"console", "spreadsheet"},
    "commands": {"evaluate", "generate", "report", "runs", "train"},
    "spreadsheet": set(),
    "next_steps": {"config", "console"},
    "memory": set(),
    "shell": set(),
    "translate": {"callbacks", "data", "metrics", "models"},
    "__init__": {"checkpoint"},
}
HYDRA = {"cli", "composition", "config", "console", "launch", "resume", "runs", "sampling", "suggestions", "sweep"}
HYDRA |= {"evaluate", "generate", "train"}
TORCH_ONLY = {"augment", "batch", "losses", "networks"}


def room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
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
            assert parts[1] in MAY_IMPORT[here] | SHARED, f"{here} may not import {name}"
        if parts[0] in ("hydra", "omegaconf"):
            assert here in HYDRA, f"{here} may not import {name}"
        if here in TORCH_ONLY:
            assert parts[0] not in ("lightning", "torchvision", "torchmetrics", "wandb"), f"{here} imports {name}"


def test_every_room_is_on_the_plan():
    assert {room(file) for file in FILES} == set(MAY_IMPORT)


@pytest.mark.parametrize("step", ["gan", "pix2pix", "cyclegan"])
def test_training_step_and_its_losses_fit_one_screen(step):
    tree = ast.parse((PACKAGE / "models" / f"{step}.py").read_text())
    methods = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    ends = [methods[name].end_lineno for name in ("generator_loss", "discriminator_loss")]
    assert max(end for end in ends if end is not None) - methods["step"].lineno < 55
