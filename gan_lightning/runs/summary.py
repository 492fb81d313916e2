"""The jobs of a sweep side by side: `summary.csv` for programs, a table for the terminal."""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_lightning.files import write_whole
from gan_lightning.runs.spreadsheet import harmless
from gan_lightning.runs.status import Status, read

SUMMARY = "summary.csv"
_FIELDS = ("state", "monitor", "best", "last", "seconds", "images_seen", "images_per_second")


class Job(NamedTuple):
    """A job of a sweep, by the name of its folder."""

    folder: str
    status: Status

    @property
    def settings(self) -> dict[str, str]:
        """Its overrides by key."""
        pairs = (override.partition("=") for override in self.status.overrides)
        return {key.lstrip("+~"): value for key, _, value in pairs}


def jobs(folder: Path) -> list[Job]:
    """All jobs in the folder of a sweep, the best first, those without a score last."""
    found = [(path.name, read(path)) for path in sorted(folder.iterdir()) if path.is_dir()]
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
        settings = list(dict.fromkeys(key for job in found for key in job.settings))
        players = ("generator", "discriminator")
        columns = ["folder", *settings, *_FIELDS, *(f"parameters_{player}" for player in players), "error"]
        text = io.StringIO(newline="")
        rows = csv.writer(text)
        rows.writerow(map(harmless, columns))
        for folder_name, status in found:
            own = Job(folder_name, status).settings
            sizes = [(status.parameters or {}).get(player) for player in players]
            facts = [getattr(status, field) for field in _FIELDS]
            # In place of a name that a spreadsheet would take for a formula: a path that leads to the same folder.
            place = folder_name if harmless(folder_name) == folder_name else f"./{folder_name}"
            cells = [place, *(own.get(key) for key in settings), *facts, *sizes, status.error]
            rows.writerow(map(harmless, cells))
        write_whole(folder / SUMMARY, text.getvalue().encode())


def show(found: Sequence[Job]) -> None:
    """Print a table of jobs that are over, with the settings in which they differ."""
    settings = list(dict.fromkeys(key for job in found for key in job.settings))
    differing = [key for key in settings if len({job.settings.get(key) for job in found}) > 1]
    table = Table()
    for key in differing:
        table.add_column(_shortest(key, differing), overflow="fold")
    table.add_column("state")
    monitors = list(dict.fromkeys(job.status.monitor for job in found if job.status.monitor is not None))
    for name in (*monitors, "seconds"):
        table.add_column(name, justify="right")
    for job in found:
        status = job.status
        scores = [_number(status.best, ".3f") if monitor == status.monitor else "" for monitor in monitors]
        own = [_setting(job.settings.get(key, "")) for key in differing]
        table.add_row(*map(escape, own), state(job), *scores, _number(status.seconds, ".1f"))
    Console().print(table)


def state(job: Job) -> str:
    """What became of a job of a sweep that is over."""
    return "killed" if job.status.state == "running" else job.status.state


def _shortest(key: str, keys: Sequence[str]) -> str:
    """The last parts of a dotted name that tell it from the others."""
    parts = key.split(".")
    ends = (".".join(parts[-count:]) for count in range(1, len(parts)))
    return next(
        (end for end in ends if not any(f".{other}".endswith(f".{end}") for other in keys if other != key)), key
    )


def _setting(text: str) -> str:
    """A drawn number has more digits than one can compare."""
    try:
        return f"{float(text):.4g}" if "." in text else text
    except ValueError:
        return text


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
