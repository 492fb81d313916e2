"""Weights & Biases, with or without a login and a network."""

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, final

import wandb
from lightning.fabric.loggers.logger import rank_zero_experiment
from lightning.pytorch.loggers import WandbLogger
from lightning.pytorch.loggers.logger import DummyLogger
from lightning.pytorch.utilities import rank_zero_only

from gan_lightning import shell
from gan_lightning.errors import SettingError
from gan_lightning.loggers.service import Service
from gan_lightning.ranges import PathText

log = logging.getLogger(__name__)

_OURS: dict[str, Any] = {"init_timeout": 15, "silent": True, "console": "off"}
"""Settings of W&B's that we prefer where its own variables (`WANDB_INIT_TIMEOUT` ...) say nothing."""


@final
class WandbRun(WandbLogger):
    """One W&B run for each run folder, over the images seen; offline without a login or a network; a message says so.

    It begins with the training and ends with it, as failed if the training did, so that the jobs of a sweep do not mix.
    The folder keeps the run's name, `wandb_run`: a resumed run goes on with it, under the name, group, notes and tags
    that it has. Should W&B's process end in the middle, or refuse to begin, the training goes on.

    Args:
        run_dir: folder of the run; W&B's own files lie in `wandb` below it, or below `WANDB_DIR`.
        project: W&B project.
        entity: user or team; None for `WANDB_ENTITY` or the login's own.
        group: of runs that belong together, or None.
        name: of the run, for people.
        notes: what the run is about, in any words; or None.
        job_type: what kind of run it is, by which W&B groups the runs of a project.
        tags: any words.
        choices: more tags, from the configuration.
        artifact: upload the best checkpoint when the training is done. Offline it is kept until `wandb sync`.

    Raises:
        SettingError: W&B would not take the project's name, a tag or a variable of the environment.
    """

    def __init__(
        self,
        run_dir: PathText,
        project: str,
        entity: str | None,
        group: str | None,
        name: str,
        notes: str | None,
        job_type: str,
        tags: Sequence[str],
        choices: Sequence[str],
        artifact: bool,
    ) -> None:
        _check_environment()
        _check_folder()
        labels = [str(tag) for tag in [*tags, *choices]]
        for label in labels:
            if not 0 < len(label) <= 64:
                raise SettingError(f"logger.wandb.tags: `{label}` has {len(label)} characters, allowed are 1 to 64")
        try:
            wandb.Settings(project=project)
        except wandb.errors.UsageError as error:
            raise SettingError(f"logger.wandb.project={project}: {error} (WANDB_PROJECT sets it, too)") from error
        super().__init__(project=project, save_dir=run_dir, log_model=artifact)
        self.run_dir = Path(run_dir)
        self.known_as: dict[str, Any] = {
            "group": group,
            "name": name,
            "notes": notes,
            "job_type": job_type,
            "tags": labels,
        }
        self.whose: dict[str, Any] = {"project": project, "entity": entity}
        self.service = Service("Weights & Biases")

    @property
    @rank_zero_experiment
    def experiment(self) -> Any:
        """The W&B run, which begins at the first access; if it cannot begin, a run that does nothing."""
        if self._experiment is None:
            try:
                self._experiment = self._begin()
            except Exception as error:  # Lightning asks outside of the calls that `Service` guards
                self.service.lose(error)
                nothing: Any = DummyLogger().experiment
                self._experiment = nothing
        return self._experiment

    def _begin(self) -> Any:
        # Without a login W&B itself would ask for one at the terminal, or fail.
        reason = None
        if os.environ.get("WANDB_MODE", "online") == "online":
            try:
                reason = None if wandb.login(prompt=False, verify=False) else "no login"
            except wandb.Error as error:  # a key that cannot be one
                reason = str(error)
        try:
            run = self._init(None if reason is None else "offline")
        except Exception as error:  # of many kinds: W&B's own, its service's, the operating system's
            reason = " ".join(str(error).split())
            run = self._init("offline")
        if reason is not None:
            self._warn_offline(reason)
        run.define_metric("*", step_metric="images_seen")
        return run

    def _init(self, mode: Literal["offline"] | None) -> Any:
        """Begin in `mode`, or in the one that the environment asks for."""
        kept = self.run_dir / "wandb_run"
        # An earlier part of the run has its name, group and tags; a resumed job of a sweep no longer knows them.
        which = {"id": kept.read_text()} if kept.exists() else self.known_as
        known = {name.removeprefix("WANDB_").lower() for name in os.environ if name.startswith("WANDB_")}
        settings = wandb.Settings(**{name: value for name, value in _OURS.items() if name not in known})
        place = None if "dir" in known else self.run_dir
        resume: Literal["allow"] | None = None if "resume" in known else "allow"
        run = wandb.init(**self.whose, **which, dir=place, resume=resume, mode=mode, settings=settings)
        kept.write_text(run.id)
        return run

    def _warn_offline(self, reason: str) -> None:
        folder = shell.word(os.path.relpath(os.environ.get("WANDB_DIR") or self.run_dir))
        log.warning(
            "Weights & Biases is offline (%s); to upload the run later: "
            "wandb login && wandb sync %s/wandb/offline-run-*",
            *(reason, folder),
        )

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self.service(lambda: self.experiment.log(dict(metrics)))

    @rank_zero_only
    def log_image(self, key: str, images: list[Any], step: int | None = None) -> None:  # type: ignore[override]
        shown = {key: [wandb.Image(image) for image in images], "images_seen": step}
        self.service(lambda: self.experiment.log(shown))

    @rank_zero_only
    def log_text(  # type: ignore[override]
        self, key: str, columns: list[str | int], data: list[list[Any]], step: int | None = None
    ) -> None:
        self.service(lambda: self.experiment.log({key: wandb.Table(columns=columns, data=data), "images_seen": step}))

    @rank_zero_only
    def log_hyperparams(self, params: Any) -> None:
        self.service(lambda: super(WandbRun, self).log_hyperparams(params))

    @rank_zero_only
    def finalize(self, status: str) -> None:
        self.service(lambda: super(WandbRun, self).finalize(status))
        if self._experiment is not None:
            try:
                self._experiment.finish(exit_code=0 if status == "success" else 1)
            except Exception as error:
                log.warning("Weights & Biases could not end its run (%s)", error)
                with suppress(Exception):  # W&B raises it again, but the next job of a sweep gets a new process
                    wandb.teardown()


def _check_folder() -> None:
    """Refuse a `WANDB_DIR` that cannot be written: W&B would write to a temporary folder instead."""
    folder = os.environ.get("WANDB_DIR")
    if folder is None:
        return
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        reason = None if os.access(folder, os.W_OK | os.X_OK) else "no permission"
    except OSError as error:
        reason = str(error.strerror)
    if reason is not None:
        raise SettingError(f"WANDB_DIR={folder}: cannot be written ({reason}); set another folder, or leave it out")


def _check_environment() -> None:
    """Refuse values of W&B's variables that it would refuse when training begins. An empty variable is none."""
    for name in [name for name, value in os.environ.items() if name.startswith("WANDB_") and not value.strip()]:
        del os.environ[name]
    # Earlier versions of W&B, and the trainers of other libraries, take this one.
    if os.environ.get("WANDB_DISABLED", "").lower() in ("true", "1", "yes", "on"):
        os.environ.setdefault("WANDB_MODE", "disabled")
    try:
        wandb.Settings().update_from_env_vars(dict(os.environ))
    except wandb.errors.UsageError as error:
        raise SettingError(f"logger=wandb: a variable WANDB_... of the environment cannot be used: {error}") from error
    except ValueError as error:  # pydantic's, in several lines; the last one is an address
        reason = " ".join(line.strip() for line in str(error).splitlines()[1:] if "For further information" not in line)
        raise SettingError(f"logger=wandb: a variable WANDB_... of the environment cannot be used: {reason}") from error
