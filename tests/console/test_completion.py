"""The lines of the documentation that make a shell complete settings, in these shells."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PATIENCE = 30.0
PAGE = (Path(__file__).parents[2] / "docs" / "experiments.md").read_text()
SCRIPTS = Path(sys.executable).parent
IN_BASH = """
COMP_LINE="gan-train model=pix2pix loss=h" COMP_POINT=30 COMP_CWORD=2
hydra_bash_completion
printf '%s\\n' "${COMPREPLY[@]}"
"""
IN_FISH = """
complete -C "gan-train model=pix2pix loss=h"
"""
START = {"bash": ["bash", "--norc"], "fish": ["fish", "--no-config"]}


def line_for(shell: str) -> str:
    """What the documentation says for a shell, without the comment that names its file of settings."""
    section = PAGE.partition("## Completion in the shell")[2].partition("\n## ")[0]
    (line,) = re.findall(rf"^(.*?) +# {shell}: ", section, re.MULTILINE)
    return line


def answer(shell: str, script: str) -> str:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = {**os.environ, "PATH": f"{SCRIPTS}:{os.environ['PATH']}"}
    done = subprocess.run(
        START[shell], input=f"{line_for(shell)}\n{script}", capture_output=True, text=True, check=True, env=path
    )
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize(("shell", "script"), [("bash", IN_BASH), ("fish", IN_FISH)])
def test_a_shell_completes_an_option_after_the_documented_line(shell: str, script: str) -> None:
    assert answer(shell, script).split() == ["loss=hinge"]


def test_zsh_completes_an_option_at_its_prompt(tmp_path: Path) -> None:
    """zsh completes only where somebody types, so here is a terminal of its own."""
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    environment = {"PATH": f"{SCRIPTS}:{os.environ['PATH']}", "TERM": "dumb", "ZDOTDIR": str(tmp_path)}
    ours, theirs = pty.openpty()
    zsh = subprocess.Popen(["zsh", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=tmp_path)
    try:
        os.write(ours, f"{line_for('zsh')}; echo REA''DY\n".encode())
        assert "READY" in read_until(ours, "READY")
        os.write(ours, b"gan-train model=pix2pix loss=hi\t")
        assert "loss=hinge" in read_until(ours, "loss=hinge")
    finally:
        zsh.kill()
        zsh.wait()
        os.close(ours)
        os.close(theirs)


def read_until(terminal: int, wanted: str) -> str:
    """What a terminal shows until it shows this, or until it has said nothing for a while."""
    shown = ""
    while wanted not in shown and select.select([terminal], [], [], PATIENCE)[0]:
        shown += os.read(terminal, 4096).decode(errors="replace")
    return shown
