"""Weights & Biases without a login or a network."""

import logging
import os

import wandb
from lightning.pytorch.loggers import WandbLogger
from lightning.pytorch.utilities import rank_zero_only

log = logging.getLogger(__name__)


def wandb_logger(project: str, run_dir: str) -> WandbLogger:
    """A logger whose x axis is the images seen; offline if there is no login or no network, which is said once.

    Args:
        project: Weights & Biases project.
        run_dir: folder of the run; offline files lie in `wandb` below it.
    """
    mode = os.environ.get("WANDB_MODE", "online")
    if mode == "online" and wandb.api.api_key is None:
        mode = "offline"
        _say_offline("no login", run_dir)
    settings = wandb.Settings(init_timeout=15, silent=True, console="off")
    logger = WandbLogger(project=project, save_dir=run_dir, offline=mode == "offline", settings=settings)
    if is_rank_zero():
        try:
            _start(logger)
        except wandb.Error as error:
            _say_offline(str(error), run_dir)
            logger = WandbLogger(project=project, save_dir=run_dir, offline=True, settings=settings)
            _start(logger)
    return logger


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
        wandb.finish()
