"""The jobs of a sweep side by side: `summary.csv` for programs, a table for the terminal."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_lightning.files import write_whole
from gan_lightning.runs.found import below
from gan_lightning.runs.settings import shortened, typed
from gan_lightning.runs.spreadsheet import as_csv, harmless, measures
from gan_lightning.runs.status import Status, read

SUMMARY = "summary.csv"


class Job(NamedTuple):
    """A job of a sweep, by its folder below that of the sweep."""

    folder: str
    status: Status


def jobs(folder: Path) -> list[Job]:
    """All jobs in the folder of a sweep, the best first, those without a score last."""
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    found = [(str(run.relative_to(folder)), read(run)) for path in inside for run in below(path)]
    return sorted((Job(name, status) for name, status in found if status is not None), key=_rank)


def _rank(job: Job) -> tuple[bool, float]:
    status = job.status
    score = math.inf if status.best is None else status.best if status.mode == "min" else -status.best
    return status.state != "finished", score


def write_summary(folder: Path) -> None:
    """Replace `summary.csv` by what the jobs' files say now: a row each, a column for every setting of any of them.

    Raises:
        FaultError: it could not be written.
    """
    with FileLock(folder / f".{SUMMARY}.lock"):
        found = jobs(folder)
        # In place of a name that a spreadsheet would take for a formula: a path that leads to the same folder.
        names = [name if harmless(name) == name else f"./{name}" for name, _ in found]
        facts = {name: [getattr(job.status, name) for job in found] for name in ("state", "monitor", "best", "last")}
        columns: dict[str, Sequence[Any]] = {"folder": names, **_settings(found), **facts}
        columns |= {**measures([job.status for job in found]), "error": [job.status.error for job in found]}
        write_whole(folder / SUMMARY, as_csv(columns).encode())


def _settings(found: Sequence[Job]) -> dict[str, list[str | None]]:
    """What was typed for any of some jobs, by name, with a value for each of them."""
    own = [typed(job.status.overrides) for job in found]
    return {name: [given.get(name) for given in own] for name in dict.fromkeys(name for given in own for name in given)}


def show(found: Sequence[Job]) -> None:
    """Print a table of jobs that are over, with the settings in which they differ."""
    differing = {name: values for name, values in _settings(found).items() if len(set(values)) > 1}
    table = Table()
    for short in shortened(differing).values():
        table.add_column(short, overflow="fold")
    table.add_column("state")
    monitors = list(dict.fromkeys(job.status.monitor for job in found if job.status.monitor is not None))
    for name in (*monitors, "seconds"):
        table.add_column(name, justify="right")
    for (_, status), *own in zip(found, *differing.values(), strict=True):
        scores = [_number(status.best, ".3f") if monitor == status.monitor else "" for monitor in monitors]
        cells = [escape(_setting(text or "")) for text in own]
        table.add_row(*cells, state(status), *scores, _number(status.seconds, ".1f"))
    Console().print(table)


def state(status: Status) -> str:
    """How a job of a sweep ended."""
    return "killed" if status.state == "running" else status.state


def _setting(text: str) -> str:
    """A drawn number has more digits than one can compare."""
    try:
        return f"{float(text):.4g}" if "." in text else text
    except ValueError:
        return text


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
