"""`--help` lists settings with what they are for and take, and `--version` is ours."""

import sys
from contextlib import suppress
from importlib.metadata import version

import pytest

from gan_lightning.jobs import evaluate, export, generate, train
from gan_lightning.report import command

MAIN = {
    "gan-train": train.main,
    "gan-evaluate": evaluate.main,
    "gan-generate": generate.main,
    "gan-export": export.main,
}
SHOWN = {
    "gan-train": "dataset.flip=true\n      mirror training pictures",
    "gan-evaluate": "num_fake=null\n      generated images",
    "gan-export": "output=exported\n      folder for the exported files",
    "gan-generate": "truncation=null\n      largest absolute value of the noise",
}


@pytest.mark.parametrize("script", MAIN)
def test_help_says_what_each_setting_is_for(script: str, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    more = ["model=cyclegan"] if script == "gan-train" else []
    monkeypatch.setattr(sys, "argv", [script, *more, "--help"])
    with suppress(SystemExit):  # Hydra's way to end after its help
        MAIN[script]()
    told = capsys.readouterr().out
    assert SHOWN[script] in told
    assert "$" not in told


@pytest.mark.parametrize("script", [*MAIN, "gan-report"])
def test_version_is_of_this_package(script: str, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", [script, "--version"])
    with suppress(SystemExit):
        {**MAIN, "gan-report": command.main}[script]()
    assert capsys.readouterr().out == f"{script} {version('gan-lightning')}\n"
