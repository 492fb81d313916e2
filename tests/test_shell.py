"""Words that are typed into bash, zsh and fish."""

import shutil
import subprocess

import pytest

from gan_lightning import shell

ODD = ["it's", "a\\", "\\'", "'\\\\''", '"', "$HOME", "${x}", "`x`", "a b", "", "!!", "~", "=ls", "#", "[x]", "{a,b}"]
ODD += ["(x)", "a\nb", "é", "*", "%self", "x=~/y", "a;b", "<>|&", "-m", "plain/path_1.5,a=b", "^x", "?", "\\n", "\t"]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_every_shell_reads_a_word_as_it_was(name):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    script = f"printf '%s\\0' {shell.line(ODD)}\n"
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[name]
    done = subprocess.run([name, *options], input=script.encode(), capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == ODD


def test_what_no_shell_changes_has_no_quotes():
    assert shell.line(["gan-train", "resume=outputs/2026-11-25/run_1", "max_images=5"]) == (
        "gan-train resume=outputs/2026-11-25/run_1 max_images=5"
    )
