"""The status of a run, `status.json` in its folder: for sweeps, reports and users."""

import json
import math
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from gan_lightning.console import cli
from gan_lightning.errors import FaultError
from gan_lightning.files import write_whole
from gan_lightning.nested import in_json
from gan_lightning.processes.requests import requests_first
from gan_lightning.runs.leftovers import remove_new, results, written
from gan_lightning.runs.owner import Owner, owned
from gan_lightning.runs.owner import begin as begin_ownership
from gan_lightning.runs.owner import read as read_owner
from gan_lightning.runs.reading import UnreadableError, is_command_line, is_number, parsed_json, read_inside, text_of

FILE = "status.json"
ERRORS = "error.txt"
STATES = ("running", "finished", "failed", "interrupted")
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Status:
    """How far a run has come, as of its last validation or its end.

    Attributes:
        state: one of `STATES`. A killed process leaves `running`: then `host` has no process `pid` any more. A resumed
            run has its earlier state until it trains.
        monitor: name of the score that decides which checkpoint is best; None without scores.
        mode: min or max, which of its values are best.
        best, last: values of the monitored score; None before the first one, and where it is not finite.
        seconds: wall-clock time of all attempts, preparing data and scoring included.
        images_seen: real images that the discriminator consumed, over all processes.
        images_per_second: of training alone, without validations; of the newest attempt.
        parameters: how many the network of each player has.
        error: the sentence that ended a failed run.
        overrides: of the command line.
        started: when the newest attempt did, local time in ISO format.
        host, pid: where it ran.
    """

    state: str
    overrides: list[str] = field(default_factory=list)
    started: str = ""
    host: str = ""
    pid: int = 0
    monitor: str | None = None
    mode: str | None = None
    best: float | None = None
    last: float | None = None
    seconds: float | None = None
    images_seen: int = 0
    images_per_second: float | None = None
    parameters: dict[str, int] | None = None
    error: str | None = None


def checked(run_dir: Path) -> Status:
    """The status of the run in a folder. What it does not say is left at its default.

    Raises:
        FileNotFoundError: it has none.
        UnreadableError: it is damaged, or holds text where a number belongs, or the like.
    """
    found = parsed_json(text_of(read_inside(run_dir, FILE, _MOST_BYTES)))
    if not isinstance(found, dict) or found.get("state") not in STATES:
        raise UnreadableError("its `state` is none")
    if not is_command_line(found.get("overrides", [])):
        raise UnreadableError("its `overrides` are not a list of settings")
    for name in ("error", "monitor", "mode", "started", "host"):
        if not isinstance(found.get(name), str | None):
            raise UnreadableError(f"its `{name}` is not text")
    parameters = found.get("parameters")
    if not isinstance(parameters, dict | None):
        raise UnreadableError("its `parameters` are not numbers by name")
    numbers = ("best", "last", "seconds", "images_seen", "images_per_second", "pid")
    for name, value in [*((name, found.get(name)) for name in numbers), *(parameters or {}).items()]:
        if value is not None and not (is_number(value) and math.isfinite(value)):
            raise UnreadableError(f"its `{name}` is not a finite number")
        if value is not None and value < 0 and name not in ("best", "last"):
            raise UnreadableError(f"its `{name}` is less than zero")
    known = {one.name for one in fields(Status)}
    return Status(**{name: value for name, value in found.items() if name in known and value is not None})


def read(run_dir: Path) -> Status | None:
    """The status of the run in a folder; None if it has none, or a damaged one."""
    with suppress(FileNotFoundError, UnreadableError):
        return checked(run_dir)
    return None


def write(run_dir: Path, status: Status) -> None:
    """Replace the status of the run in a folder.

    Raises:
        FaultError: it could not be written.
    """
    write_whole(run_dir / FILE, json.dumps(in_json(asdict(status)), indent=1).encode())


def update(run_dir: Path, changes: Mapping[str, Any]) -> None:
    """Change some fields of the status that `recorded` keeps; without one nothing happens.

    Raises:
        FaultError: it could not be written.
    """
    status = read(run_dir)
    if status is not None and replace(status, **changes) != status:
        write(run_dir, replace(status, **changes))


def begin(run_dir: Path) -> None:
    """Say that the run in a folder is under way; without an owner nothing happens.

    Raises:
        FaultError: it could not be written.
    """
    owner = begin_ownership(run_dir)
    if owner is not None:
        write(run_dir, _running(owner, read(run_dir)))


@contextmanager
def recorded(run_dir: Path, overrides: Sequence[str]) -> Iterator[None]:
    """Own a run's folder, keep its status from its start to its end, and what ended it in `error.txt` if it failed.

    Of what was typed, `skip_done` is not kept: it is about a sweep, and not about this run.

    `error.txt` has the sentence that the user reads and, where no setting explains the error, the traceback. A run that
    fails again adds to it. A run that ends before it began (see `gan_lightning.runs.beginning`) leaves no more than
    these two files, and nothing at all where there was an earlier run.

    Raises:
        SettingError: another process owns the folder.
        FaultError: the status could not be written at the start.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    with owned(run_dir, [given for given in overrides if not given.startswith("skip_done=")]) as owner:
        before, files = read(run_dir), written(run_dir)
        goes_on = bool(results(run_dir))
        begun_at = time.monotonic()
        earlier = (before.seconds or 0.0) if before is not None else 0.0
        if not goes_on:
            write(run_dir, _running(owner, before))

        def ended(state: str, error: str | None = None) -> None:
            update(run_dir, {"state": state, "error": error, "seconds": earlier + time.monotonic() - begun_at})

        try:
            with requests_first():
                yield
        except BaseException as error:
            begun = (read_owner(run_dir) or owner).begun
            if not begun:
                remove_new(run_dir, files)
            if begun or not goes_on:
                reason = None if asks_to_end(error) else explained(error)
                with suppress(FaultError, OSError):  # a full disk, most likely, which is what `error` says already
                    ended("failed" if reason else "interrupted", reason)
                    _keep(error, reason, run_dir / ERRORS)
            raise
        ended("finished")


def _running(owner: Owner, before: Status | None) -> Status:
    """The status of a run that its owner has started, after an earlier attempt or as the first one."""
    here = {"overrides": owner.overrides, "started": owner.started, "host": owner.host, "pid": owner.pid}
    if before is None:
        return Status("running", **here)  # type: ignore[arg-type]
    return replace(before, state="running", error=None, **here)  # type: ignore[arg-type]


def _keep(error: BaseException, reason: str | None, file: Path) -> None:
    """Add what ended a run that failed to its errors."""
    if reason is None:
        return
    with file.open("a", encoding="utf-8", errors="replace") as errors:
        errors.write(f"{datetime.now():%Y-%m-%d %H:%M:%S}  {reason}\n")
        if not isinstance(error, cli.users_errors()):
            traceback.print_exception(error, file=errors)


def asks_to_end(error: BaseException) -> bool:
    """Whether it is a signal's, no fault: Ctrl-C, or the status 128 + signal of a run that saved and ended."""
    number = error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else 0
    return isinstance(error, KeyboardInterrupt) or number > 128


def explained(error: BaseException) -> str:
    """One sentence; an error that no setting explains is named by its type, with the last line of what it says."""
    if isinstance(error, cli.users_errors()):
        return cli.sentence(error)
    lines = str(error).split("\n")  # a whole traceback, if it comes from another process
    return f"{type(error).__name__}: {next((line for line in reversed(lines) if line.strip()), '')}"
