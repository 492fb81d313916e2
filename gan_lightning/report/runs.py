"""What the folder of a run tells, as far as it can be read."""

import csv
import json
import math
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import yaml

from gan_lightning.errors import SettingError

MARKS = ("config.yaml", "status.json", "logs/metrics.csv")
"""Any of these makes a folder the folder of a run."""

STATES = ("running", "finished", "failed", "interrupted")
"""What `status.json` may say. A report also knows `diverged`, `incomplete` and, of runs without the file, `unknown`."""

_NOT_FINITE = " is not finite"  # what a run says that ended because of it


@final
@dataclass(frozen=True)
class Run:
    """A run as its folder tells it.

    Attributes:
        folder: of the run.
        name: the folder below the one that was asked for.
        state: one of `STATES`, or `diverged` (a loss or score was not finite), `incomplete` (a file is missing or
            damaged) or `unknown` (no `status.json`).
        problem: why the state is no good one, in a sentence; empty if all is well.
        config: what was composed, empty if that cannot be read.
        overrides: what was typed.
        status: of `status.json`, empty without.
        scores: a line of `scores.jsonl` each, by images seen.
        curves: everything that was logged, by name and images seen.
        samples: grids by images seen.
    """

    folder: Path
    name: str
    state: str
    problem: str
    config: dict[str, Any]
    overrides: list[str]
    status: dict[str, Any]
    scores: dict[int, dict[str, Any]]
    curves: dict[str, dict[float, float]]
    samples: dict[int, Path]


def find_runs(*folders: str | Path) -> list[Run]:
    """All runs in or below some folders, each once, in the order of their names.

    Raises:
        SettingError: a folder does not exist, or there is no run below any.
    """
    for folder in folders:
        if not Path(folder).is_dir():
            raise SettingError(f"{folder}: there is no such folder")
    found = {path.resolve() for folder in folders for path in _below(Path(folder))}
    if not found:
        raise SettingError(
            f"{', '.join(map(str, folders))}: no run below it; the folder of a run holds {' or '.join(MARKS)}"
        )
    base = common(folders)
    return [_read(path, _name(path, base)) for path in sorted(found, key=_by_number)]


def common(folders: Sequence[str | Path]) -> Path:
    """The folder that holds all of them."""
    return Path(os.path.commonpath([Path(folder).resolve() for folder in folders]))


def _below(folder: Path) -> Iterator[Path]:
    for path, inside, _ in os.walk(folder):
        if any(Path(path, mark).is_file() for mark in MARKS):
            inside.clear()
            yield Path(path)
        inside[:] = [name for name in inside if not name.startswith(".")]


def _by_number(path: Path) -> list[tuple[int, str]]:
    """Job 10 of a sweep comes after job 9."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", str(path))]


def _name(folder: Path, base: Path) -> str:
    return "/".join(folder.relative_to(base).parts or (folder.name,))


def _read(folder: Path, name: str) -> Run:
    problems: list[str] = []
    status = _status(folder, problems)
    state = status.get("state", "unknown")
    config = _config(folder, problems)
    scores = _scores(folder, problems)
    curves = _curves(folder, problems)
    if state == "unknown" and not curves:
        problems.append("logs/metrics.csv has no rows")
    if state == "failed":
        told = str(status.get("error") or _first_line(folder / "error.txt") or "no reason was left")
        state, problems = "diverged" if _NOT_FINITE in told else state, [told]
    elif state == "interrupted" and status.get("error"):
        problems = [str(status["error"]), *problems]
    elif bad := _not_finite(curves):
        state, problems = "diverged", [bad, *problems]
    elif problems and state in ("unknown", "finished"):
        state = "incomplete"
    skipped = list(curves.get("skipped_steps", {}).values())
    if skipped and skipped[-1] > 0:
        problems.append(f"{skipped[-1]:.0f} updates were skipped because they were not finite")
    grids = {int(file.stem): file for file in sorted((folder / "samples").glob("*.png")) if file.stem.isdecimal()}
    overrides = [str(part) for part in config.get("command") or status.get("overrides") or []]
    return Run(folder, name, state, "; ".join(problems), config, overrides, status, scores, curves, grids)


def _config(folder: Path, problems: list[str]) -> dict[str, Any]:
    try:
        config = yaml.safe_load((folder / "config.yaml").read_text())
    except FileNotFoundError:
        problems.append("config.yaml is missing")
        return {}
    except (OSError, ValueError, yaml.YAMLError):
        config = None
    if not isinstance(config, dict):
        problems.append("config.yaml cannot be read")
        return {}
    return config


def _status(folder: Path, problems: list[str]) -> dict[str, Any]:
    try:
        status = json.loads((folder / "status.json").read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        status = None
    if not isinstance(status, dict) or status.get("state") not in STATES:
        problems.append("status.json cannot be read")
        return {}
    return status


def _scores(folder: Path, problems: list[str]) -> dict[int, dict[str, Any]]:
    """Where a resumed run repeated a validation, the later line counts."""
    scores = {}
    try:
        lines = (folder / "scores.jsonl").read_text().splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        problems.append("scores.jsonl cannot be read")
        return {}
    for number, text in enumerate(lines, 1):
        try:
            line = json.loads(text)
            if not isinstance(line.get("protocol", {}), dict):
                raise TypeError("a protocol has names")
            scores[int(line["images_seen"])] = line
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            problems.append(f"line {number} of scores.jsonl cannot be read")
    return dict(sorted(scores.items()))


def _curves(folder: Path, problems: list[str]) -> dict[str, dict[float, float]]:
    try:
        text = (folder / "logs" / "metrics.csv").read_text()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        problems.append("logs/metrics.csv cannot be read")
        return {}
    curves: dict[str, dict[float, float]] = defaultdict(dict)
    whole = text[: text.rfind("\n") + 1]  # a run that is being written, or was killed, may end within a row
    rows = csv.DictReader(whole.splitlines())
    try:
        for row in rows:
            seen = float(row.pop("images_seen"))
            for name, value in row.items():
                if value and name != "step":
                    curves[name][seen] = float(value)
    except (ValueError, TypeError, KeyError, csv.Error):
        problems.append(f"line {rows.line_num} of logs/metrics.csv cannot be read")
    return {name: dict(sorted(points.items())) for name, points in curves.items()}


def _not_finite(curves: dict[str, dict[float, float]]) -> str:
    """Which curve ends in what is no number; those that recovered do not count."""
    for name, points in curves.items():
        seen, value = list(points.items())[-1]
        if not math.isfinite(value):
            return f"{name} is {value} after {seen:,.0f} images"
    return ""


def _first_line(file: Path) -> str:
    try:
        return next(iter(file.read_text().splitlines()), "")
    except (OSError, ValueError):
        return ""
