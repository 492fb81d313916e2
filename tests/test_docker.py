"""The Dockerfile names what is there, and its container does not run as root. No image is built."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
STEPS = [(line.split()[0], line.split(maxsplit=1)[1]) for line in LINES if line and not line.startswith("#")]


def test_the_container_makes_the_demo_as_a_user_without_rights():
    assert [rest for name, rest in STEPS if name == "USER"] == ["gan"]
    name, rest = STEPS[-1]
    assert (name, json.loads(rest)) == ("CMD", ["make", "demo"])
    made = " ".join(rest for name, rest in STEPS if name == "RUN")
    assert "useradd --create-home --uid 1000 gan" in made


def test_it_makes_targets_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text()
    makefile = makefile.replace("$(VENV)", re.search(r"^VENV := (\S+)", makefile, re.MULTILINE)[1])
    makefile = makefile.replace("$(BIN)", ".venv/bin")
    targets = [target for name, rest in STEPS if name == "RUN" for target in re.findall(r"make (\.\S+)", rest)]
    assert targets == [".venv/bin/python", ".venv/.installed"]
    for target in [*targets, "demo"]:
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


def test_nothing_of_this_machine_is_copied():
    assert {".git", ".venv", "outputs"} <= set((ROOT / ".dockerignore").read_text().split())
