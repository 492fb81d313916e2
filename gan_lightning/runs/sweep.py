"""Sweeps: many runs by one command in one folder, whichever launcher starts them and however each of them ends.

Hydra's launchers differ in what a job's exception does to the others, so none leaves a job: it is recorded in the
job's folder, and when all is over the folders are counted.
"""

import json
import logging
import math
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, final

from filelock import FileLock, Timeout
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.experimental.callback import Callback
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from omegaconf import DictConfig, ListConfig, open_dict, read_write

from gan_lightning.console import cli
from gan_lightning.console.config import SWEEP_PLAN
from gan_lightning.console.folder import claimed, named_after_time
from gan_lightning.console.quoting import quoted
from gan_lightning.console.suggestions import install
from gan_lightning.counting import counted
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import write_whole
from gan_lightning.runs.job import INTERRUPTED, is_alone, summarise
from gan_lightning.runs.status import explained
from gan_lightning.runs.summary import Job, jobs, show, state

log = logging.getLogger(__name__)


class _Begun(NamedTuple):
    """The sweep of this process: its folder, which it holds alone, and what Ctrl-C did before it."""

    folder: Path
    lock: FileLock
    on_interrupt: Any


class _Refusal(BaseException):
    """Hydra turns a callback's exceptions into warnings and goes on; not this one."""

    def __init__(self, reason: Exception) -> None:
        self.reason = reason


@final
class Sweep(Callback):
    """Hydra calls this before the first job: it takes the sweep's folder, or refuses."""

    begun: ClassVar[_Begun | None] = None  # not of the instance, which launchers send to their workers

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        try:
            Sweep.begun = _begin(config)
        except Exception as error:
            raise _Refusal(error) from error


@contextmanager
def watched() -> Iterator[None]:
    """Around a command of Hydra: after a sweep, a table and the exit status show how its jobs ended.

    It is 0 when all have finished, 1 when any has not, and 130 after Ctrl-C.

    Raises:
        SettingError: the sweep was refused.
        FaultError: the launcher or the sweeper ended the sweep early.
    """
    try:
        yield
    except _Refusal as refusal:
        raise refusal.reason from None
    except cli.users_errors():
        raise
    except Exception as error:  # a worker that was killed, or a search whose trials all failed
        if Sweep.begun is None:
            raise
        reason = f"the sweep ended early ({explained(error)})"
        raise FaultError(f"{reason}; the same command with {_go_on(Sweep.begun.folder)} goes on") from error
    finally:
        over, Sweep.begun = Sweep.begun, None
        ended = [] if over is None else _conclude(over)
    if over is None:
        return
    if (over.folder / INTERRUPTED).exists():
        sys.exit(128 + signal.SIGINT)
    if any(job.status.state != "finished" for job in ended):
        sys.exit(1)


def refuse_ready_made(config: DictConfig) -> None:
    """A ready-made sweep would be ignored in a single run, but for a job of one that goes on alone.

    Raises:
        SettingError: one was chosen without -m.
    """
    choices = HydraConfig.get().runtime.choices
    chosen = [f"{group}={choices[group]}" for group in ("sweep", "hparams_search") if choices.get(group) is not None]
    if chosen and config.resume is None:
        raise SettingError(f"{chosen[0]}: is a sweep; add -m")


def _begin(config: DictConfig) -> _Begun:
    """Take the folder of a sweep, and write there what its jobs need to know."""
    hydra = config.hydra
    if config.dry_run:
        raise SettingError("dry_run=true: looks at a single run; leave -m out, and give each setting one value")
    _check_plugins(hydra)
    swept, count = _planned(hydra)
    if not swept or count == 0:
        raise SettingError(
            "-m: nothing to sweep; give a setting several values, as loss=lsgan,hinge or 'seed=range(0,3)', or take a "
            "ready-made sweep, as sweep=losses"
        )
    directions = hydra.sweeper.get("direction")
    expected = len(directions) if isinstance(directions, ListConfig) else 1
    if config.objectives is not None and directions is not None and len(config.objectives) != expected:
        raise SettingError(
            f"objectives={list(config.objectives)}: takes as many as hydra.sweeper.direction has, which is {expected}"
        )
    folder = _sweep_folder(hydra)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise SettingError(
            f"hydra.sweep.dir={folder}: another sweep is running there; wait for its end or choose another folder"
        ) from None
    earlier = jobs(folder)
    if earlier and not config.skip_done:
        lock.release()
        raise SettingError(
            f"hydra.sweep.dir={folder}: already holds {len(earlier)} jobs, which are kept; choose another folder, "
            "or add skip_done=true to run only the missing jobs"
        )
    (folder / INTERRUPTED).unlink(missing_ok=True)
    write_whole(folder / SWEEP_PLAN, json.dumps({"jobs": count, "swept": swept}).encode())
    before = signal.getsignal(signal.SIGINT)
    if not is_alone(hydra.launcher):
        signal.signal(signal.SIGINT, lambda *_: _no_more(folder))
    return _Begun(folder, lock, before)


def _sweep_folder(hydra: DictConfig) -> Path:
    """The folder of a sweep, made if it is missing: one of its own if it is named after the time."""
    folder = Path(hydra.sweep.dir)
    if not named_after_time(hydra.sweep):
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    own = claimed(folder)
    with read_write(hydra), open_dict(hydra):
        hydra.sweep.dir = str(own)
        hydra.overrides.hydra.append(f"hydra.sweep.dir={quoted(own)}")  # of which every job is composed
    return own


def _no_more(folder: Path) -> None:
    """After Ctrl-C, which a terminal sends to the workers as well."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    (folder / INTERRUPTED).touch()
    log.info("No further job starts; running jobs save and end. Ctrl-C again ends everything at once")


def _conclude(over: _Begun) -> list[Job]:
    """Print how the jobs ended, and release the folder."""
    signal.signal(signal.SIGINT, over.on_interrupt)
    summarise(over.folder)
    ended = jobs(over.folder)
    over.lock.release()
    if ended:
        show(ended)
    missing = [found for found in ended if found.status.state != "finished"]
    for found in missing:
        log.info("%s: %s", os.path.relpath(over.folder / found.folder), found.status.error or state(found.status))
    if ended:
        summary = os.path.relpath(over.folder / "summary.csv")
        log.info("%s, %s not finished; %s", counted(len(ended), "job"), len(missing), summary)
    if missing:
        log.info("The same command with %s runs the missing jobs", _go_on(over.folder))
    return ended


def _go_on(folder: Path) -> str:
    return f"skip_done=true hydra.sweep.dir={quoted(os.path.relpath(folder))}"


def _check_plugins(hydra: DictConfig) -> None:
    kinds: tuple[Any, ...] = (Launcher, Sweeper)
    plugins = [plugin for kind in kinds for plugin in Plugins.instance().discover(kind)]
    installed = {f"{plugin.__module__}.{plugin.__qualname__}" for plugin in plugins}
    for part in ("launcher", "sweeper"):
        target = hydra[part]._target_
        if target not in installed:
            chosen = hydra.runtime.choices[f"hydra/{part}"]
            raise SettingError(f"hydra/{part}={chosen}: its plugin is missing; {install(target) or 'install it'}")


def _planned(hydra: DictConfig) -> tuple[list[str], int | None]:
    """The settings that vary, and the number of jobs if it is known."""
    ready = [f"{key}={value}" for key, value in (hydra.sweeper.get("params") or {}).items()]
    parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
    overrides = parser.parse_overrides([*ready, *hydra.overrides.task])
    # The command line overrides ready-made sweeps.
    given = {override.get_key_element().lstrip("+~"): override for override in overrides}
    swept = {key: override for key, override in given.items() if override.is_sweep_override()}
    if "n_trials" in hydra.sweeper:
        return list(swept), hydra.sweeper.n_trials
    if not all(override.is_discrete_sweep() for override in swept.values()):
        return list(swept), None  # which other sweepers interpret themselves
    return list(swept), math.prod(len(list(override.sweep_string_iterator())) for override in swept.values())
