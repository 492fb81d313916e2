"""A run as its folder describes it, as far as the files can be read."""

import math
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from gan_lightning.counting import counted
from gan_lightning.errors import SettingError
from gan_lightning.runs.curves import read_curves
from gan_lightning.runs.reading import (
    UnreadableError,
    is_command_line,
    is_number,
    open_inside,
    parsed_json,
    parsed_yaml,
    read_inside,
    text_of,
)
from gan_lightning.runs.status import Status, checked

MARKS = ("config.yaml", "status.json", "logs/metrics.csv")
"""Any of these makes a folder the folder of a run."""

_NOT_FINITE = " is not finite"  # in the error of a run that ended because of it

# What a run's files may hold at most. Those of gan-train are far smaller.
_MOST_SETTINGS_BYTES = 1_000_000  # of config.yaml
_MOST_SCORE_BYTES = 8_000_000
_MOST_SCORES = 100  # in a line
_MOST_GRIDS = 100_000
_LONGEST_PROBLEM = 1_000  # characters


@final
@dataclass(frozen=True)
class Run:
    """A run as its folder describes it.

    Attributes:
        folder: of the run.
        name: the folder below the one that was asked for.
        state: as in `Status`, or `diverged` (a loss or score was not finite), `incomplete` (a file is missing or
            damaged) or `unknown` (no `status.json`).
        problem: what is wrong with the run, in a sentence; empty if all is well.
        config: what was composed, empty if that cannot be read.
        overrides: what was typed.
        status: what `status.json` says; None without.
        scores: a line of `scores.jsonl` each, by images seen.
        curves: everything that was logged, by name and images seen; long ones are thinned out.
        samples: grids by images seen.
    """

    folder: Path
    name: str
    state: str
    problem: str
    config: dict[str, Any]
    overrides: list[str]
    status: Status | None
    scores: dict[int, dict[str, Any]]
    curves: dict[str, dict[float, float]]
    samples: dict[int, Path]


def find_runs(*folders: str | Path) -> list[Run]:
    """All runs in or below some folders, each once, in the order of their names.

    Raises:
        SettingError: a folder does not exist, or there is no run below any.
    """
    for folder in folders:
        if not str(folder) or not Path(folder).is_dir():
            raise SettingError(f"{printable(str(folder)) or 'an empty name'}: there is no such folder")
    found = {path.resolve() for folder in folders for path in below(Path(folder))}
    if not found:
        raise SettingError(
            f"{printable(', '.join(map(str, folders)))}: no run below it; the folder of a run holds "
            f"{' or '.join(MARKS)}"
        )
    base = common(folders)
    return [_read(path, _name(path, base)) for path in sorted(found, key=_by_number)]


def common(folders: Sequence[str | Path]) -> Path:
    """The folder that holds all of them."""
    return Path(os.path.commonpath([Path(folder).resolve() for folder in folders]))


def below(folder: Path) -> Iterator[Path]:
    """Folders of runs; hidden folders and links are not looked into. Without recursion, whatever the depth."""
    waiting = [str(folder)]
    while waiting:
        path = waiting.pop()
        if any(os.path.lexists(os.path.join(path, mark)) for mark in MARKS):
            yield Path(path)
            continue
        try:
            with os.scandir(path) as entries:
                waiting += [e.path for e in entries if not e.name.startswith(".") and e.is_dir(follow_symlinks=False)]
        except OSError:  # a folder that may not be read holds no run that can be
            continue


def _by_number(path: Path) -> list[tuple[int, str]]:
    """Job 10 of a sweep comes after job 9."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", str(path))]


def _name(folder: Path, base: Path) -> str:
    return printable("/".join(folder.relative_to(base).parts or (folder.name,)))


def printable(text: str) -> str:
    """A name for people: bytes that are no UTF-8, and what would steer a terminal, become U+FFFD."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _read(folder: Path, name: str) -> Run:
    problems: list[str] = []
    status = _status(folder, problems)
    state, error = ("unknown", None) if status is None else (status.state, status.error)
    config = _config(folder, problems)
    scores = _scores(folder, problems)
    curves = read_curves(folder, problems)
    grids = _grids(folder, problems)
    if state == "unknown" and not curves:
        problems.append("logs/metrics.csv has no rows")
    if state == "failed":
        reason = error or _first_line(folder, "error.txt") or "no reason was left"
        state, problems = "diverged" if _NOT_FINITE in reason else state, [reason]
    elif state == "interrupted" and error:
        problems = [error, *problems]
    elif bad := _not_finite(curves):
        state, problems = "diverged", [bad, *problems]
    elif problems and state in ("unknown", "finished"):
        state = "incomplete"
    skipped = list(curves.get("skipped_steps", {}).values())
    if skipped and skipped[-1] > 0:
        one, more = "update was skipped because it was", "updates were skipped because they were"
        problems.append(f"{counted(round(skipped[-1]), one, more)} not finite")
    problem = "; ".join(problems)
    if len(problem) > _LONGEST_PROBLEM:
        problem = f"{problem[:_LONGEST_PROBLEM]} ..."
    overrides = config.get("command") or ([] if status is None else status.overrides)
    return Run(folder, name, state, problem, config, overrides, status, scores, curves, grids)


def _config(folder: Path, problems: list[str]) -> dict[str, Any]:
    try:
        config = parsed_yaml(text_of(read_inside(folder, "config.yaml", _MOST_SETTINGS_BYTES)))
        if not isinstance(config, dict):
            raise UnreadableError("no settings")
        if not is_command_line(config.get("command", [])):
            raise UnreadableError("its `command` is not a list of settings")
    except FileNotFoundError:
        problems.append("config.yaml is missing")
        return {}
    except UnreadableError as error:
        problems.append(f"config.yaml cannot be read ({error})")
        return {}
    return config


def _status(folder: Path, problems: list[str]) -> Status | None:
    try:
        return checked(folder)
    except FileNotFoundError:
        return None
    except UnreadableError as error:
        problems.append(f"status.json cannot be read ({error})")
        return None


def _scores(folder: Path, problems: list[str]) -> dict[int, dict[str, Any]]:
    """Where a resumed run repeated a validation, the later line counts."""
    scores: dict[int, dict[str, Any]] = {}
    try:
        lines = text_of(read_inside(folder, "scores.jsonl", _MOST_SCORE_BYTES)).splitlines()
    except FileNotFoundError:
        return {}
    except UnreadableError as error:
        problems.append(f"scores.jsonl cannot be read ({error})")
        return {}
    bad = []
    for number, text in enumerate(lines, 1):
        try:
            line = parsed_json(text)
            if not isinstance(line.get("protocol", {}), dict) or len(line) > _MOST_SCORES:
                raise UnreadableError("no scores with a protocol")
            if any(isinstance(value, str | bool) for value in line.values()):
                raise UnreadableError("text where a number belongs")
            if not is_number(line["images_seen"]) or line["images_seen"] < 0:
                raise UnreadableError("no number of images")
            scores[int(line["images_seen"])] = line
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            bad.append(number)
    if bad:
        others = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        problems.append(f"line {bad[0]} of scores.jsonl cannot be read{others}")
    return dict(sorted(scores.items()))


def _grids(folder: Path, problems: list[str]) -> dict[int, Path]:
    """Pictures of samples. They are not opened here, so they may be damaged."""
    samples = folder / "samples"
    if samples.is_symlink():
        problems.append("samples is a link, which is not followed")
        return {}
    grids = {}
    try:
        with os.scandir(samples) as entries:
            for entry, _ in zip(entries, range(_MOST_GRIDS), strict=False):
                stem, suffix = os.path.splitext(entry.name)
                if suffix == ".png" and stem.isdecimal() and len(stem) <= 15:
                    grids[int(stem)] = samples / entry.name
    except FileNotFoundError:
        return {}
    except OSError as error:
        problems.append(f"samples cannot be read ({error.strerror})")
    return dict(sorted(grids.items()))


def _not_finite(curves: dict[str, dict[float, float]]) -> str:
    """Which curves end in a value that is not a number; those that recovered do not count."""
    for name, points in curves.items():
        seen, value = list(points.items())[-1]
        if not math.isfinite(value):
            return f"{name} is {value} after {seen:,.0f} images"
    return ""


def _first_line(folder: Path, name: str) -> str:
    try:
        with open_inside(folder, name) as file:
            return file.readline(_LONGEST_PROBLEM).decode(errors="replace").strip()
    except FileNotFoundError:
        return ""
    except (UnreadableError, OSError) as error:
        return f"{name} cannot be read ({error})"
