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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import set_start_method
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, final

import torch
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
from gan_lightning.console.arguments import quoted
from gan_lightning.console.config import SWEEP_PLAN
from gan_lightning.console.folder import claimed, named_after_time
from gan_lightning.console.output import keep_output_from_failing
from gan_lightning.console.resolvers import varied
from gan_lightning.console.suggestions import install
from gan_lightning.counting import counted
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import write_whole
from gan_lightning.runs.status import Status, asks_to_end, explained, read
from gan_lightning.runs.summary import Job, jobs, show, state, write_summary

log = logging.getLogger(__name__)

INTERRUPTED = ".interrupted"


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
    """Around a command of Hydra: if it was a sweep, a table tells how its jobs ended, and so does the exit status.

    It is 0 when all have finished, 1 when any has not, and 130 after Ctrl-C.

    Raises:
        SettingError: the sweep was refused.
        FaultError: the launcher or the sweeper ended the sweep early.
    """
    try:
        yield
    except _Refusal as refusal:
        raise refusal.reason from None
    except cli.USERS_ERRORS:
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


def job(config: DictConfig, run: Callable[[DictConfig], object]) -> float | tuple[float | None, ...] | None:
    """One job of a sweep: skip what is done, go on with what was interrupted, survive what fails.

    Args:
        config: of the job.
        run: trains it, and leaves its status in `config.run_dir`.

    Returns:
        What `config.objectives` lists, the best score without any; None from a job that failed, which a search takes
        for a failed trial.
    """
    keep_output_from_failing()  # in a process that a launcher has started
    if os.environ.pop("WANDB_RUN_ID", None):
        log.warning("WANDB_RUN_ID is not used: the jobs of a sweep are runs of their own in Weights & Biases")
    hydra = HydraConfig.get()
    folder, run_dir = Path(hydra.sweep.dir), Path(config.run_dir)
    plan = json.loads((folder / SWEEP_PLAN).read_text())
    of = "" if plan["jobs"] is None else f"/{plan['jobs']}"
    name = f"[{hydra.job.num + 1}{of}] {' '.join(varied())}"
    if (folder / INTERRUPTED).exists():
        return None
    with FileLock(run_dir / ".lock"):  # a search may try the same settings twice at once
        before = read(run_dir)
        if before is not None and before.state == "finished":
            _refuse_shared_folder(before.overrides, run_dir)
            log.info("%s: was done before, %s", name, _score(before))
            return _values(before, config)
        if (run_dir / "config.yaml").exists():
            config.resume = str(run_dir)
        alone = _is_alone(hydra.launcher)
        if not alone:
            _share(config, plan["jobs"])
        log.info("%s: %s", name, "starts" if config.resume is None else "goes on")
        try:
            run(config)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            if asks_to_end(error) and alone:
                raise
            if isinstance(error, KeyboardInterrupt) or error.args == (128 + signal.SIGINT,):
                (folder / INTERRUPTED).touch()  # in a worker, which cannot keep the others from beginning
            what = "interrupted" if asks_to_end(error) else f"failed, {explained(error)}"
            log.error("%s: %s (after %s)", name, what, _seconds(read(run_dir)))
            return None
        finally:
            _summarise(folder)
    after = read(run_dir)
    assert after is not None
    log.info("%s: %s in %s", name, _score(after), _seconds(after))
    return _values(after, config)


def _refuse_shared_folder(earlier: Sequence[str], run_dir: Path) -> None:
    """The run that has finished in a job's folder must have had the job's own settings.

    Raises:
        SettingError: it had others, because `hydra.sweep.subdir` gives several jobs one name.
    """
    given = [setting for setting in HydraConfig.get().overrides.task if not setting.startswith("skip_done=")]
    ours = [setting for setting in given if setting not in earlier]  # which has more if somebody went on with it alone
    if ours:
        raise SettingError(
            f"hydra.sweep.subdir: two jobs have the folder {run_dir}; another one than {' '.join(ours)} has finished "
            "there; name every swept setting in hydra.sweep.subdir, or leave it out"
        )


def _begin(config: DictConfig) -> _Begun:
    """Take the folder of a sweep, and write there what its jobs need to know."""
    hydra = config.hydra
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
    if not _is_alone(hydra.launcher):
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
    """Tell how the jobs ended, and let the folder go."""
    signal.signal(signal.SIGINT, over.on_interrupt)
    _summarise(over.folder)
    ended = jobs(over.folder)
    over.lock.release()
    if ended:
        show(ended)
    missing = [found for found in ended if found.status.state != "finished"]
    for found in missing:
        log.info("%s: %s", os.path.relpath(over.folder / found.folder), found.status.error or state(found))
    if ended:
        summary = os.path.relpath(over.folder / "summary.csv")
        log.info("%s, %s not finished; %s", counted(len(ended), "job"), len(missing), summary)
    if missing:
        log.info("The same command with %s runs the missing jobs", _go_on(over.folder))
    return ended


def _summarise(folder: Path) -> None:
    try:
        write_summary(folder)
    except (FaultError, OSError) as error:  # the jobs' own files say the same
        log.warning("%s", cli.sentence(error))


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
    # The command line has the last word over ready-made sweeps.
    given = {override.get_key_element().lstrip("+~"): override for override in overrides}
    swept = {key: override for key, override in given.items() if override.is_sweep_override()}
    if "n_trials" in hydra.sweeper:
        return list(swept), hydra.sweeper.n_trials
    if not all(override.is_discrete_sweep() for override in swept.values()):
        return list(swept), None  # for other sweepers to say what they make of it
    return list(swept), math.prod(len(list(override.sweep_string_iterator())) for override in swept.values())


def _is_alone(launcher: DictConfig) -> bool:
    """Whether jobs run one after the other in the process that the user started."""
    return launcher._target_.endswith(".BasicLauncher")


def _share(config: DictConfig, jobs_at_once: int | None) -> None:
    """Prepare a worker: the terminal is for one line a job, and the cores, where nothing has divided them, for all."""
    set_start_method(None, force=True)  # joblib's own is unknown to the processes that a job starts
    if "progress" in config.callbacks:
        config.callbacks.progress.refresh_rate = 0
    # submitit's local jobs all start at once; joblib divides by itself, and SLURM gives what was asked for.
    if os.environ.get("SUBMITIT_EXECUTOR") == "local" and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // (jobs_at_once or 1)))


def _values(status: Status, config: DictConfig) -> float | tuple[float | None, ...] | None:
    score = status.best
    if config.objectives is None:
        return score
    known = {"score": -score if score is not None and status.mode == "max" else score, "seconds": status.seconds}
    values = tuple(known[name] for name in config.objectives)
    return values if len(values) > 1 else values[0]


def _score(status: Status) -> str:
    return "finished" if status.best is None else f"finished, best {status.monitor} {status.best:.3f}"


def _seconds(status: Status | None) -> str:
    return "no time" if status is None or status.seconds is None else f"{status.seconds:.1f} s"
