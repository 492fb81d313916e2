"""gan-train from the command line to its last line; `gan_lightning.training` does the work between."""

import logging
import sys
from contextlib import nullcontext
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from gan_lightning.console import cli
from gan_lightning.console.config import CONF
from gan_lightning.console.declared import Train
from gan_lightning.console.few import suited_to_few_pictures
from gan_lightning.console.schema import check
from gan_lightning.processes.helpers import start_early
from gan_lightning.runs.job import job
from gan_lightning.runs.log import begin_log
from gan_lightning.runs.replay import replayed
from gan_lightning.runs.status import recorded
from gan_lightning.runs.sweep import refuse_ready_made, watched

log = logging.getLogger(__name__)


@hydra.main(version_base="1.3", config_path=CONF, config_name="train")
@cli.job
def _job(config: DictConfig) -> float | tuple[float | None, ...] | None:
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        return job(suited_to_few_pictures(config), _run)
    return run_once(config)


def run_once(config: DictConfig) -> float | None:
    """A single run from its composed configuration to the last line of its log; the best monitored score.

    Raises:
        SettingError: a setting cannot work.
        FaultError: something else ended the training.
    """
    config = suited_to_few_pictures(config)
    refuse_ready_made(config)
    check(config, Train)
    score = _run(config)
    if config.dry_run:
        log.info("\nThis was a dry run: nothing was trained, and no file of a run was written")
        return None

    from gan_lightning.console.ending import end_block
    from gan_lightning.loggers import is_rank_zero

    if is_rank_zero():
        log.info("\n%s", end_block(Path(config.run_dir), HydraConfig.get().runtime.choices, score))
    return score


def _run(config: DictConfig) -> float | None:
    """Train here or in processes of its own, and leave a status in the run's folder."""
    start_early(config.trainer.strategy, "gan_lightning.training")
    with cli.importing():
        from gan_lightning.diagnosis import write_diagnosis
        from gan_lightning.loggers import is_rank_zero
        from gan_lightning.out_of_memory import TRAINING
        from gan_lightning.runs.first_files import refuse_used_folder
        from gan_lightning.runs.launch import Advice, launch
        from gan_lightning.runs.resume import way_back
        from gan_lightning.training import train

    run_dir = Path(config.run_dir)
    if config.dry_run:  # which leaves nothing
        return launch(config, train, Advice(TRAINING, way_back))
    with recorded(run_dir, HydraConfig.get().overrides.task) if is_rank_zero() else nullcontext():
        refuse_used_folder(run_dir, config.resume)
        score = launch(config, train, Advice(TRAINING, way_back))
        begin_log()  # of the process that watches those that trained
        if is_rank_zero():
            write_diagnosis(run_dir)
    return score


def _start() -> None:
    sys.argv[1:] = replayed(sys.argv[1:])
    with watched():
        _job()


def main() -> None:
    """Console script."""
    cli.run(_start)
