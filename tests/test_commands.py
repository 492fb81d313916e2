"""Commands answer before anybody waits for torch: what they may import until the settings have been checked."""

import json
import subprocess
import sys

from folders import sweep

OWN = {"gan_lightning"}
SETTINGS = OWN | {"hydra", "hydra_plugins", "omegaconf", "antlr4", "yaml", "attr", "packaging"}
SETTINGS |= {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}
SETTINGS |= {"filelock", "rich", "PIL"}
"""What compose, check and list settings: Hydra, pydantic and what these need; locks, tables and names of pictures."""
REPORT = SETTINGS | {"pandas", "numpy", "dateutil", "six", "pytz"}
"""Pandas and what it needs."""

# Runs command lines one after the other, and tells which modules each of them has added, by their first names.
COMMANDS = """
import contextlib, io, json, sys
from gan_lightning import commands
before, added, told = set(sys.modules), {}, {}
for line in json.loads(sys.argv[1]):
    sys.argv = line.split()
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        with contextlib.suppress(SystemExit):
            getattr(commands, sys.argv[0].removeprefix("gan-"))()
    told[line] = out.getvalue() + err.getvalue()
    names = {name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names
    added[line] = sorted(name for name in names if name[0] != "_" and name != "cython_runtime")
print(json.dumps([added, told]))
"""
ANSWERED = {
    "gan-train --version": "gan-train ",
    "gan-train --help": "learning rate of every player",
    "gan-train los=hinge": "did you mean loss?",
    "gan-train los=hinge -m": "did you mean loss?",
    "gan-train model=stylegan3": "model=stylegan2",
    "gan-train lr=-1": "a number above 0",
    "gan-train dataset=folder dataset.source.path=~ dataset.flip=maybe": "true or false",
    "gan-train --cfg job model=cyclegan": "discriminator_weight",
    "gan-evaluate --help": "checkpoint=",
    "gan-evaluate chekpoint=x": "did you mean checkpoint?",
    "gan-generate --help": "truncation=null",
    "gan-export --help": "format=onnx",
    "gan-export frmat=onnx": "did you mean format?",
    "gan-export checkpoint=x format=tflite": "onnx",
    "gan-demo --help": "address to listen at",
    "gan-demo port=0 checkpoint=x": "a whole number from 1 to 65535",
    "gan-generate n=0 checkpoint=x": "a whole number from 1",
}
REPORTED = {"gan-report --help": "--markdown", "gan-report sweep": "sweep/report.html", "gan-report nowhere": "nowhere"}


def test_commands_answer_without_what_takes_seconds_to_import(tmp_path):
    sweep(tmp_path / "sweep", 2, validations=1, rows=1)
    lines = json.dumps([*ANSWERED, *REPORTED])
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, lines], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    added, told = json.loads(done.stdout)
    for line, answer in {**ANSWERED, **REPORTED}.items():
        assert answer in told[line], told[line]
        assert set(added[line]) <= (REPORT if line in REPORTED else SETTINGS), line


def test_training_imports_no_service_and_no_tables():
    code = "import gan_lightning.training, sys; print({'wandb', 'pandas', 'mlflow', 'litdata'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
