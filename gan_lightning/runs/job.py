"""One job of a sweep."""

import json
import logging
import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing import set_start_method
from pathlib import Path

from filelock import FileLock
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from gan_lightning.console import cli
from gan_lightning.console.config import SWEEP_PLAN
from gan_lightning.console.output import keep_output_from_failing
from gan_lightning.console.resolvers import varied
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.runs.status import Status, asks_to_end, explained, read
from gan_lightning.runs.summary import write_summary

log = logging.getLogger(__name__)

INTERRUPTED = ".interrupted"
"""A file in the folder of a sweep that was asked to end: no further job starts."""


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
        alone = is_alone(hydra.launcher)
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
            summarise(folder)
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


def summarise(folder: Path) -> None:
    """Write the summary of the sweep in a folder again, or warn that it cannot be written."""
    try:
        write_summary(folder)
    except (FaultError, OSError) as error:  # the jobs' own files say the same
        log.warning("%s", cli.sentence(error))


def is_alone(launcher: DictConfig) -> bool:
    """Whether jobs run one after the other in the process that the user started."""
    return launcher._target_.endswith(".BasicLauncher")


def _share(config: DictConfig, jobs_at_once: int | None) -> None:
    """Prepare a worker: the terminal is for one line a job, and the cores, where nothing has divided them, for all."""
    set_start_method(None, force=True)  # joblib's own is unknown to the processes that a job starts
    if "progress" in config.callbacks:
        config.callbacks.progress.refresh_rate = 0
    # submitit's local jobs all start at once; joblib divides by itself, and SLURM gives what was asked for.
    if os.environ.get("SUBMITIT_EXECUTOR") == "local":
        from gan_lightning.runs.devices import share_cores  # which imports torch, as the job will

        share_cores(jobs_at_once or 1)


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
