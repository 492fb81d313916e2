"""Every command that the documentation shows: taken by bash, zsh and fish alike, and composed as `gan-train` would."""

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import adding
import composing
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

import gan_lightning
from gan_lightning.console import cli
from gan_lightning.console.config import CONF
from gan_lightning.report import command as report

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = ("gan-train", "gan-generate", "gan-evaluate", "gan-export", "gan-demo", "gan-report")
START = re.compile(r"(?:^|\s)(gan-(?:train|generate|evaluate|export|demo|report)\b.*)")
ARGUMENT = re.compile(r"(-m|--[\w-]+|'[^']*'|\"[^\"]*\"|[+~]?[\w@./]+=(?:'[^']*'|\S)*?)([:,;.)\"]*)$")


# --- where commands stand ---


def blocks(page: Path) -> list[str]:
    """The lines of all fenced blocks of a page, those that end with a backslash joined with the next."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    return "".join(fenced).replace("\\\n", "").splitlines()


def spans(page: Path) -> list[str]:
    """What a page has between backticks in its text."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def in_prose(text: str) -> list[str]:
    """Commands inside sentences: as many words as look like arguments."""
    found = []
    for words in (
        text[match.start() :].split() for match in re.finditer(r"\bgan-(train|generate|evaluate|export|demo)\b", text)
    ):
        command = [words[0]]
        for word in words[1:]:
            match = ARGUMENT.match(word)
            if not match:
                break
            command.append(match[1])
            if match[2]:
                break
        if len(command) > 1:
            found.append(" ".join(command))
    return found


def documented() -> list[str]:
    """Every command, from gan-... to the end of its line."""
    lines = [line for page in PAGES for line in blocks(page)]
    lines += [span for page in PAGES for span in spans(page)]
    for help_text in Path(CONF, "hydra", "help").glob("*.yaml"):
        # Behind two spaces stands what the command does.
        told = [re.split(r"\s{2,}", line.strip())[0] for line in help_text.read_text().splitlines()]
        lines += [line for line in told if line.startswith("gan-")]
    lines += report.EXAMPLES.splitlines()
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(notebook.read_text())["cells"]
        lines += [command for cell in cells for command in in_prose("".join(cell["source"]))]
    for config in sorted(Path(CONF).rglob("*.yaml")):
        comments = re.findall(r"^#(.*)", config.read_text(), re.MULTILINE)
        lines += in_prose(" ".join(comments))
    found = [match[1].strip() for line in lines if (match := START.search(line))]
    return list(dict.fromkeys(command for command in found if "..." not in command and command not in NAMES))


def settings() -> list[str]:
    """Settings inside the text, such as `'penalty=[r1,r2]' critic_norm=none`, as arguments of gan-train."""
    found = [span for page in PAGES for span in spans(page) if re.match(r"""['"+~]*[\w@./]+=\S""", span)]
    return [f"gan-train {span}" for span in dict.fromkeys(found)]


COMMANDS = documented()
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


def own_configurations(folder: Path) -> Path:
    """Somebody's own recipes, as the documentation calls them."""
    adding.write_options(folder)
    page = (ROOT / "docs" / "experiments.md").read_text()
    (early,) = re.findall(r"^```yaml\n(early:.*?)^```", page, re.MULTILINE | re.DOTALL)
    (folder / "callbacks").mkdir()
    (folder / "callbacks" / "early.yaml").write_text(early)
    return folder


def composed(command: str, monkeypatch: pytest.MonkeyPatch, mine: Path) -> list[DictConfig]:
    """What a command would run: one configuration, or the first and the second value of whatever it sweeps."""
    words = shlex.split(command.replace("LOSSES", "hinge,lsgan"), comments=True)
    # What stands behind is of the shell: another command, a file.
    name, *typed = words[: next((i for i, word in enumerate(words) if word in ("|", ">", "&", "&&")), None)]
    seen: list[list[str]] = []
    # Help is answered before anything is composed.
    monkeypatch.setattr(sys, "argv", [name, *(word for word in typed if word != "--help")])
    cli.run(lambda: seen.append(sys.argv[1:]))
    arguments = [argument for argument in seen[0] if argument not in ("-m", "--hydra-help", "--cfg", "job")]
    for flag in [argument for argument in arguments if argument.startswith("--")]:
        assert flag == "--config-dir", command
        at = arguments.index(flag)
        arguments[at : at + 2] = [f"hydra.searchpath=[file://{mine}]"]
    swept = []
    for override in OverridesParser.create().parse_overrides(arguments):
        values = [override.input_line]
        if override.is_sweep_override():
            assert "-m" in typed, command
            several = list(override.sweep_string_iterator())
            values = [f"{override.get_key_element()}={value}" for value in several[:2]]
        swept.append(values)
    assert "-m" not in typed or any(len(values) > 1 for values in swept) or "sweep=" in command or "search=" in command
    jobs = zip_longest(*swept) if swept else [()]
    first = [values[0] for values in swept]
    config = name.removeprefix("gan-")
    return [composing.composed(config, *(new or old for new, old in zip(job, first, strict=True))) for job in jobs]


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
