"""A table that a resumed run goes on with, and Weights & Biases without a login or a network."""

import csv
import logging
import os
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, final

import wandb
from lightning.pytorch.loggers import Logger, WandbLogger
from lightning.pytorch.utilities import rank_zero_only

log = logging.getLogger(__name__)


@final
class CSVTable(Logger):
    """Scalars as `metrics.csv`, a row for every call, with an empty cell for what a row does not have.

    Unlike Lightning's CSV logger it goes on with a table that is there, and replaces the file as a whole when a new
    column needs room in every row, so that a killed run leaves a whole table. What its last row may lack is dropped.

    Args:
        folder: of the file; made if it is missing.
    """

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.path = Path(folder) / "metrics.csv"
        self.columns: list[str] = []

    @property
    def name(self) -> str:
        return "csv"

    @property
    def version(self) -> str:
        return ""

    @rank_zero_only
    def log_hyperparams(self, params: Any) -> None:
        """The run's `config.yaml` has them."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        row = {"step": step, **metrics}
        if not self.columns:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._take_up()
        if row.keys() <= set(self.columns):
            with self.path.open("a", newline="") as file:
                csv.DictWriter(file, self.columns).writerow(row)
        else:
            self._rewrite([*self._rows(), row])

    def _take_up(self) -> None:
        """Know the columns of an earlier run's table, and end it with a whole row."""
        if self.path.exists() and self.path.stat().st_size:
            rows = self._rows()
            whole = self.path.read_bytes().endswith(b"\n")
            self._rewrite(rows if whole else rows[:-1])

    def _rows(self) -> list[Mapping[str, Any]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            return list(csv.DictReader(file))

    def _rewrite(self, rows: list[Mapping[str, Any]]) -> None:
        self.columns = list(dict.fromkeys([*self.columns, *(column for row in rows for column in row)]))
        partial = self.path.with_name(".metrics.partial")
        with partial.open("w", newline="") as file:
            writer = csv.DictWriter(file, self.columns)
            writer.writeheader()
            writer.writerows(rows)
        partial.replace(self.path)


def wandb_logger(project: str, run_dir: str) -> WandbLogger:
    """A logger whose x axis is the images seen; offline if there is no login or no network, which is said once.

    A run folder keeps the name of its W&B run, so that a resumed run goes on with it. `wandb sync` puts the offline
    files of all its parts together.

    Args:
        project: Weights & Biases project.
        run_dir: folder of the run; offline files lie in `wandb` below it.
    """
    mode = os.environ.get("WANDB_MODE", "online")
    if mode == "online" and wandb.api.api_key is None:
        mode = "offline"
        _say_offline("no login", run_dir)
    logger = _SteadyWandb(project, run_dir, offline=mode == "offline")
    if is_rank_zero():
        try:
            _start(logger)
        except wandb.Error as error:
            _say_offline(str(error), run_dir)
            logger = _SteadyWandb(project, run_dir, offline=True)
            _start(logger)
    return logger


@final
class _SteadyWandb(WandbLogger):
    """Weights & Biases that a run survives: should its process end in the middle, that is said once."""

    def __init__(self, project: str, run_dir: str, offline: bool) -> None:
        name = Path(run_dir) / "wandb_run"
        if is_rank_zero() and not name.exists():
            name.parent.mkdir(parents=True, exist_ok=True)
            name.write_text(uuid.uuid4().hex[:12])
        settings = wandb.Settings(init_timeout=15, silent=True, console="off")
        run = name.read_text() if name.exists() else None
        super().__init__(project=project, save_dir=run_dir, offline=offline, id=run, resume="allow", settings=settings)
        self.lost = False

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self._try(lambda: super(_SteadyWandb, self).log_metrics(metrics, step))

    @rank_zero_only
    def log_image(self, key: str, images: list[Any], step: int | None = None) -> None:  # type: ignore[override]
        shown = {key: [wandb.Image(image) for image in images], "images_seen": step, "trainer/global_step": step}
        self._try(lambda: self.experiment.log(shown))

    @rank_zero_only
    def log_hyperparams(self, params: Any) -> None:
        self._try(lambda: super(_SteadyWandb, self).log_hyperparams(params))

    def _try(self, tell: Callable[[], None]) -> None:
        if not self.lost:
            try:
                tell()
            except Exception as error:  # whatever W&B's client makes of a broken pipe; training does not need it
                self.lost = True
                log.warning(
                    "Weights & Biases is gone (%s); the run goes on, and logs/metrics.csv has everything", error
                )


def is_rank_zero() -> bool:
    """Whether this is the process that writes."""
    return bool(getattr(rank_zero_only, "rank", 0) == 0)


def _start(logger: WandbLogger) -> None:
    logger.experiment.define_metric("*", step_metric="images_seen")


def _say_offline(reason: str, run_dir: str) -> None:
    log.warning(
        "Weights & Biases offline (%s); later: wandb login && wandb sync %s/wandb/offline-run-*", reason, run_dir
    )


def finish_wandb() -> None:
    """End the run, so that the next job of a sweep starts one of its own."""
    if wandb.run is not None:
        try:
            wandb.finish()
        except Exception as error:
            log.warning("Weights & Biases could not end its run (%s)", error)
