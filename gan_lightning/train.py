"""gan-train: one configuration in, a trained model, its scores and its pictures out.

The first of four files that explain a run. After it: `models/gan.py`, a training step that it builds.
"""

if __name__ == "__main__":  # `python -m`, as torchrun starts it: signals are answered during the slow imports below
    from gan_lightning.processes.requests import end_at_once

    end_at_once()

import logging
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import hydra
import lightning.pytorch as L
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from hydra.utils import instantiate
from omegaconf import DictConfig

from gan_lightning.callbacks import (
    Budget,
    Evaluation,
    Provenance,
    SlowData,
    Tally,
    check_monitors,
    spread_validations,
    validation_interval,
)
from gan_lightning.composition import build_model, refuse_what_cannot_go_together
from gan_lightning.console import cli
from gan_lightning.console.config import CONF, plain
from gan_lightning.console.declared import Train
from gan_lightning.console.ending import end_block, nothing_left, stopped_by
from gan_lightning.console.few import suited_to_few_pictures
from gan_lightning.console.resolvers import choices
from gan_lightning.console.schema import check
from gan_lightning.console.start import start_block
from gan_lightning.errors import SettingError
from gan_lightning.loggers import is_rank_zero
from gan_lightning.metrics import Scores
from gan_lightning.out_of_memory import READING, SCORING, TRAINING, lowering
from gan_lightning.runs.agreement import Agreement
from gan_lightning.runs.checkpoint import AtomicCheckpoints, read
from gan_lightning.runs.first_files import first_files, refuse_used_folder
from gan_lightning.runs.fitting import fit
from gan_lightning.runs.initial import begin_from, refuse_foreign
from gan_lightning.runs.launch import Advice, launch
from gan_lightning.runs.log import begin_log
from gan_lightning.runs.resume import check_checkpoint, replayed, to_resume, way_back
from gan_lightning.runs.status import recorded, update
from gan_lightning.runs.sweep import job, watched

log = logging.getLogger(__name__)


@lowering(TRAINING)
def train(config: DictConfig) -> float | None:
    """Train what `config` composes, and return the best monitored score (None without scores).

    Raises:
        SettingError: something in the configuration cannot work; before training wherever it can be known.
        FaultError: something else ended the training; what is good stays, and the message says how to go on.
    """
    config = config.copy()
    check(config, Train)
    run_dir, is_new = Path(config.run_dir), config.resume is None
    if not is_rank_zero():
        logging.getLogger().setLevel(logging.ERROR)  # the first process speaks for all
        logging.getLogger("gan_lightning.data").setLevel(logging.WARNING)  # but each has read pictures of its own
    refuse_used_folder(run_dir, config.resume)
    refuse_what_cannot_go_together(config)
    checkpoint = None if is_new else to_resume(run_dir)
    initial = None if config.init is None or checkpoint is not None else read(config.init, "init")
    run_dir.mkdir(parents=True, exist_ok=True)
    L.seed_everything(config.seed, workers=True, verbose=False)

    loggers = list(instantiate(config.logger).values())
    with lowering(READING):
        data = instantiate(config.dataset)
        spec = asdict(data.spec())
    # Names of classes are the user's data: OmegaConf would read `${...}` and `???` in them as its own language.
    config.spec = {fact: value for fact, value in spec.items() if fact != "class_names"}

    model = build_model(config)
    if initial is not None:
        refuse_foreign(config.model, initial, config.init)
        log.info("%s", begin_from(model, config, initial, config.init))
    scores = instantiate(config.metrics)
    with lowering(SCORING):
        scores_something = scores.prepare(data)
    _choose_best_by(scores, config)
    resolved = {**plain(config), "spec": spec}
    images_before = None if checkpoint is None else check_checkpoint(checkpoint, resolved, model, run_dir)

    check_monitors(resolved["callbacks"], scores.names)
    configured = instantiate(config.callbacks, _convert_="all")  # Timer takes plain durations only
    beginning = first_files(resolved, run_dir, checkpoint)

    def update_status(changes: Mapping[str, Any]) -> None:
        if beginning.begun or is_new:  # the status of an earlier run stays until this one begins
            update(run_dir, changes)

    callbacks = [
        Agreement({"data": data.read(), "scores": scores.protocol, "checkpoint": images_before}),
        beginning,
        *configured.values(),
        Provenance(resolved, scores.protocol, scores.names),
        Budget(),
        SlowData(),
        Tally(update_status, configured.get("best")),
    ]
    if scores_something:
        callbacks.append(Evaluation(scores, config.run_dir))
    if "best" in configured:
        for logger in loggers:
            logger.after_save_checkpoint(configured["best"])  # a resumed run may find no better one, and uploads that
    trainer = instantiate(
        config.trainer, callbacks=callbacks, logger=loggers, plugins=[AtomicCheckpoints()], _convert_="all"
    )
    images_per_batch = data.batch_size * trainer.world_size
    spread_validations(trainer, model, images_per_batch)
    if trainer.is_global_zero:
        recipe = choices("experiment", "model", "network", "loss")
        interval = validation_interval(trainer, images_per_batch)
        log.info("%s", start_block(data, model, trainer, recipe, interval, scores, run_dir))

    fit(trainer, model, data, checkpoint, run_dir, beginning)
    if model.images_seen == images_before:
        log.info("%s", nothing_left(resolved, configured))
    elif stopped_by(configured) is not None and trainer.is_global_zero:
        log.info("%s", stopped_by(configured))
    score = configured["best"].best_model_score if "best" in configured else None
    return None if score is None else float(score)


def _choose_best_by(scores: Scores, config: DictConfig) -> None:
    """Let the scores say which checkpoint is best; without scores there is no best one."""
    if scores.monitor is not None:
        config.callbacks.best.update(monitor=scores.monitor, mode=scores.mode)
        return
    if "score" in (config.objectives or ()):
        raise SettingError("objectives: a search needs a score, but these data and metrics have none")
    del config.callbacks.best


def _run(config: DictConfig) -> float | None:
    """Train here or in processes of its own, and leave a status in the run's folder."""
    overrides = [given for given in HydraConfig.get().overrides.task if not given.startswith("skip_done=")]
    run_dir = Path(config.run_dir)
    with recorded(run_dir, overrides) if is_rank_zero() else nullcontext():
        refuse_used_folder(run_dir, config.resume)
        score = launch(config, train, Advice(TRAINING, way_back))
        begin_log()  # of the process that watches those that trained
        return score


@hydra.main(version_base="1.3", config_path=CONF, config_name="train")
@cli.job
def _job(config: DictConfig) -> float | tuple[float | None, ...] | None:
    config = suited_to_few_pictures(config)
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        return job(config, _run)
    _refuse_sweep(config)
    check(config, Train)
    score = _run(config)
    if is_rank_zero():
        log.info("\n%s", end_block(Path(config.run_dir), HydraConfig.get().runtime.choices, score))
    return score


def _refuse_sweep(config: DictConfig) -> None:
    """A ready-made sweep would be ignored in a single run, but for a job of one that goes on alone."""
    choices = HydraConfig.get().runtime.choices
    chosen = [f"{group}={choices[group]}" for group in ("sweep", "hparams_search") if choices.get(group) is not None]
    if chosen and config.resume is None:
        raise SettingError(f"{chosen[0]}: is a sweep; add -m")


def _start() -> None:
    sys.argv[1:] = replayed(sys.argv[1:])
    with watched():
        _job()


def main() -> None:
    """Console script."""
    cli.run(_start)


if __name__ == "__main__":
    # By its own name, under which other processes can import what it hands them.
    from gan_lightning import train as this

    this.main()
