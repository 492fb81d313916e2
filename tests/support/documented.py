"""The commands that the documentation shows, and what they mean."""

import json
import re
import shlex
import sys
from itertools import zip_longest
from pathlib import Path

import adding
import composing
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

from gan_lightning.console import cli
from gan_lightning.console.config import CONF
from gan_lightning.report.command import EXAMPLES

ROOT = Path(__file__).parents[2]
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
    lines += EXAMPLES.splitlines()
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


def own_configurations(folder: Path) -> Path:
    """Somebody's own recipes, as the documentation calls them."""
    adding.write_options(folder)
    page = (ROOT / "docs" / "experiments.md").read_text()
    (early,) = re.findall(r"^```yaml\n(early:.*?)^```", page, re.MULTILINE | re.DOTALL)
    (folder / "callbacks").mkdir()
    (folder / "callbacks" / "early.yaml").write_text(early)
    return folder


def jobs(command: str, monkeypatch: pytest.MonkeyPatch, mine: Path) -> list[list[str]]:
    """The settings of what a command would run: of one job, or with the first and the second value of all it sweeps."""
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
    first = [values[0] for values in swept]
    every = zip_longest(*swept) if swept else [()]
    return [[new or old for new, old in zip(job, first, strict=True)] for job in every]


def composed(command: str, monkeypatch: pytest.MonkeyPatch, mine: Path) -> list[DictConfig]:
    """The configurations of all jobs of a command."""
    config = command.split()[0].removeprefix("gan-")
    return [composing.composed(config, *job) for job in jobs(command, monkeypatch, mine)]
