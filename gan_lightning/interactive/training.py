"""gan-train as a function: the same settings, checks and files, in this process and as often as one likes."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.core.singleton import Singleton
from lightning.pytorch.utilities.seed import isolate_rng
from omegaconf import DictConfig

from gan_lightning.callbacks import in_notebook
from gan_lightning.console import cli
from gan_lightning.console.arguments import prepared
from gan_lightning.console.config import CONF
from gan_lightning.console.folder import remove_empty
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.interactive.result import RunResult
from gan_lightning.interactive.words import words
from gan_lightning.jobs.train import run_once
from gan_lightning.processes.requests import answering
from gan_lightning.runs.replay import replayed


def train(*, config_dir: str | Path | None = None, **settings: Any) -> RunResult:
    """Train as `gan-train` does, and return what the run has left.

    `train(model="dcgan", dataset="digits", max_images=8000)` is `gan-train model=dcgan dataset=digits max_images=8000`.
    Settings with a dot in their name are given as `**{"dataset.source.path": "photos"}`, and `hydra.run.dir` names the
    folder of the run.

    In a notebook the progress is one line that changes in place; messages are in the log of the run's folder. In a
    program messages are those of the command. Ctrl-C, and a notebook's button to interrupt, save the run before they
    raise a KeyboardInterrupt; `train(resume=FOLDER)` goes on. Random numbers of the program are left as they were.

    Args:
        config_dir: a folder with configurations of yours (`--config-dir`).
        settings: of the run, by name.

    Raises:
        SettingError: a setting cannot work; before training wherever it can be known.
        FaultError: something else ended the training; what is good stays.
        KeyboardInterrupt: somebody has interrupted the run, which is saved.
    """
    if settings.get("dry_run"):
        raise SettingError("dry_run=true: leaves no run that could be returned; say gan-train --dry-run in a terminal")
    quiet = ["++hydra.job_logging.handlers.console.level=WARNING"] if in_notebook() else []
    flags = [] if config_dir is None else ["--config-dir", str(config_dir)]
    folders: list[Path] = []

    @hydra.main(version_base="1.3", config_path=CONF, config_name="train")
    @cli.job
    def job(config: DictConfig) -> None:
        folders.append(Path(config.run_dir))
        run_once(config)

    with _as_command(), isolate_rng():
        try:
            sys.argv = ["gan-train", *replayed(prepared([*flags, *words(settings), *quiet, "hydra.job.name=train"]))]
            with answering() if threading.current_thread() is threading.main_thread() else nullcontext():
                job()
        except cli.printed() as caught:
            error = caught.__cause__ if isinstance(caught, cli.PastHydra) else caught
            kind = FaultError if isinstance(error, FaultError) else SettingError
            raise kind(cli.sentence(error or caught)) from None
        except SystemExit as ended:
            if ended.code == 128 + signal.SIGINT:
                raise KeyboardInterrupt("the run was interrupted and is saved") from None
            raise
    return RunResult(folders[0])


@contextmanager
def _as_command() -> Iterator[None]:
    """Let Hydra find the process as it does at the start of a command, and leave everything as it was."""
    arguments, state, root = sys.argv, Singleton.get_state(), logging.getLogger()
    handlers, level, full = root.handlers[:], root.level, os.environ.get("HYDRA_FULL_ERROR")
    GlobalHydra.instance().clear()
    os.environ["HYDRA_FULL_ERROR"] = "1"  # makes Hydra raise errors
    try:
        yield
    finally:
        remove_empty()
        for handler in root.handlers[:]:
            if handler not in handlers:
                handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)
        Singleton.set_state(state)
        sys.argv = arguments
        _restore("HYDRA_FULL_ERROR", full)


def _restore(name: str, value: str | None) -> None:
    """Set a variable of the environment to what it was."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
