"""Every command that the documentation shows: taken by bash, zsh and fish alike, and composed as `gan-train` would."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documented import COMMANDS, PAGES, composed, in_prose, own_configurations, settings

import gan_lightning
from gan_lightning.console import cli
from gan_lightning.console.config import CONF
from gan_lightning.report import command as report

pytestmark = pytest.mark.long

HANDED_ON = """
for name in gan-train gan-generate gan-evaluate gan-export gan-demo gan-report; do
    eval "$name() { for argument in $name \\"\\$@\\"; do printf '%s\\\\0' \\"\\$argument\\"; done >> arguments; }"
done
"""
HANDED_ON_IN_FISH = """
for name in gan-train gan-generate gan-evaluate gan-export gan-demo gan-report
    eval "function $name; for argument in $name \\$argv; printf '%s\\\\0' \\$argument >> arguments; end; end"
end
"""


def handed_on(shell: str, commands: list[str], folder: Path) -> list[list[str] | None]:
    """Name and arguments of each command as a shell hands them on in an empty folder; None where it refuses one.

    zsh is one that somebody types into: there comments are arguments, and a pattern that matches no file is an error.
    """
    folder.mkdir()
    start = {"bash": ["bash", "--norc"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "--no-config"]}[shell]
    script = HANDED_ON_IN_FISH if shell == "fish" else HANDED_ON
    # An error ends no line but its own, and what a command was handed ends with an empty argument.
    script += "".join(f"{command}\nprintf 'END\\0' >> arguments\n" for command in commands)
    subprocess.run(start, input=script, text=True, cwd=folder, capture_output=True, check=False)
    parts = (folder / "arguments").read_text().split("END\0")
    assert len(parts) == len(commands) + 1
    return [part.split("\0")[:-1] or None for part in parts[:-1]]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_shells_take_documented_commands_as_bash_does(shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    # What has a variable is of a script for bash.
    commands = [command for command in (*COMMANDS, *settings()) if "$" not in command]
    assert len(commands) > 100
    # zsh reads a comment as arguments: a command that it starts in the background ends whenever it likes.
    assert not [command for command in commands if re.search(r"\s# .*[&;|<>]", command)]
    theirs, ours = handed_on(shell, commands, tmp_path / shell), handed_on("bash", commands, tmp_path / "bash")
    refused = [command for command, handed in zip(commands, theirs, strict=True) if handed is None]
    assert not refused
    for command, a, b in zip(commands, theirs, ours, strict=True):
        assert a is not None
        assert without_comment(a) == b, command


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_shell_refuses_what_is_not_quoted(shell, tmp_path):
    """Otherwise the test above would show nothing."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    commands = ["gan-generate labels=[0,3]", "gan-train seed=range(0,3)", "gan-train seed=0", "gan-train '~network.x'"]
    unquoted = {"zsh": [None, None], "fish": [["gan-generate", "labels=[0,3]"], None]}[shell]
    quoted = [["gan-train", "seed=0"], ["gan-train", "~network.x"]]
    assert handed_on(shell, commands, tmp_path / shell) == [*unquoted, *quoted]


def without_comment(arguments: list[str]) -> list[str]:
    return arguments[: arguments.index("#")] if "#" in arguments else arguments


def test_a_comment_that_zsh_hands_on_is_no_setting(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "argv", ["gan-train", "loss=hinge,lsgan", "-m", "#", "two", "runs"])
    cli.run(lambda: seen.append(sys.argv[1:]))
    assert seen == [["-m", "loss=hinge,lsgan"]]


# --- what the commands mean ---


def test_documented_commands_compose(tmp_path, monkeypatch):
    mine = own_configurations(tmp_path / "MY_CONF")
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        if command.startswith("gan-report"):
            monkeypatch.setattr(sys, "argv", shlex.split(command, comments=True))
            assert report._options().folders
        else:
            assert composed(command, monkeypatch, mine), command


def test_commands_inside_sentences_are_found():
    text = "Made by gan-train model=ebgan 'seed=range(0,3)' max_images=60000 -m: FID 8.4, and gan-train alone."
    assert in_prose(text) == ["gan-train model=ebgan 'seed=range(0,3)' max_images=60000 -m"]


# --- what the program itself suggests ---


UNQUOTED = re.compile(
    r"(?<!['\w.@])([a-z][\w.@]*=(?:\[\w[^\]]*\]|range\([^)]*\))|~[a-z]+\.\w+|(?<=install )[\w-]+\[\w+\])"
)


def texts(file: Path) -> list[str]:
    """All strings of a module but its docstrings, with an X for whatever is filled in."""
    tree = ast.parse(file.read_text())
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr)
    }
    found, inside = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found.append("".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values))
            inside |= {id(part) for part in node.values}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented | inside:
            found.append(node.value)
    return found


@pytest.mark.parametrize(
    "suggestion",
    ["say trusted=[a]", "as seed=range(0,3) -m", "use ~network.x", "penalty=[X,r1]", "pip install gan-lightning[x]"],
)
def test_an_unquoted_suggestion_is_noticed(suggestion):
    assert UNQUOTED.search(suggestion)
    quoted = UNQUOTED.sub(r"'\1'", suggestion)
    assert not UNQUOTED.search(quoted)


def test_messages_and_comments_quote_what_a_shell_would_change():
    package = Path(gan_lightning.__file__).parent
    for file in sorted(package.rglob("*.py")):
        if "conf" not in file.relative_to(package).parts:
            for text in texts(file):
                assert not UNQUOTED.search(text), f"{file}: {text}"
    for page in PAGES:
        for installed in re.findall("pip install .*", page.read_text()):
            assert not UNQUOTED.search(installed), f"{page}: {installed}"
    for config in sorted(Path(CONF).rglob("*.yaml")):
        told = config.read_text() if "help" in config.parts else "\n".join(re.findall(r"#.*", config.read_text()))
        assert not UNQUOTED.search(told), f"{config}: {UNQUOTED.search(told)}"
