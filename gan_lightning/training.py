"""gan-train: one configuration in, a trained model, its scores and its pictures out.

The first of four files that explain a run. After it: `models/gan.py`, a training step that it builds.
"""

if __name__ == "__main__":  # `python -m gan_lightning.training`, as torchrun starts it, is the command gan-train
    from gan_lightning import commands

    commands.train()
    raise SystemExit

import logging
from dataclasses import asdict
from pathlib import Path

import lightning.pytorch as L
from hydra.utils import instantiate
from omegaconf import DictConfig

from gan_lightning.callbacks import Evaluation, check_monitors, spread_validations, validation_interval
from gan_lightning.composition import build_model, choose_best_by, refuse_what_cannot_go_together, with_rates
from gan_lightning.console.config import plain
from gan_lightning.console.declared import Train
from gan_lightning.console.ending import nothing_left, stopped_by
from gan_lightning.console.resolvers import choices
from gan_lightning.console.schema import check
from gan_lightning.console.start import start_block
from gan_lightning.out_of_memory import READING, SCORING, TRAINING, lowering
from gan_lightning.runs.agreement import Agreement
from gan_lightning.runs.checkpoint import read
from gan_lightning.runs.devices import check_precision
from gan_lightning.runs.first_files import first_files, refuse_used_folder
from gan_lightning.runs.first_process import let_the_first_process_speak
from gan_lightning.runs.fitting import fit
from gan_lightning.runs.initial import begin_from, check_vocabulary
from gan_lightning.runs.resume import check_checkpoint, to_resume
from gan_lightning.runs.trainer import build_trainer, callbacks_of_every_run

log = logging.getLogger(__name__)


@lowering(TRAINING)
def train(config: DictConfig) -> float | None:
    """Train what `config` composes, and return the best monitored score (None without scores, and in a dry run).

    Raises:
        SettingError: something in the configuration cannot work; before training wherever it can be known.
        FaultError: something else ended the training; what is good stays, and the message says how to go on.
    """
    config = with_rates(config)
    check(config, Train)
    run_dir, is_new = Path(config.run_dir), config.resume is None
    let_the_first_process_speak()
    refuse_used_folder(run_dir, config.resume)
    refuse_what_cannot_go_together(config)
    checkpoint = None if is_new else to_resume(run_dir)
    initial = read(config.init, "init") if config.init is not None and checkpoint is None else None
    run_dir.mkdir(parents=True, exist_ok=True)
    L.seed_everything(config.seed, workers=True, verbose=False)
    loggers = list(instantiate(config.logger).values())
    with lowering(READING):
        data = instantiate(config.dataset)
        spec = asdict(data.spec())
    # Without the names of classes and tokens, in which OmegaConf would read `${...}` and `???` as its own language.
    config.spec = {fact: value for fact, value in spec.items() if fact not in ("class_names", "vocabulary")}
    model = build_model(config)
    check_precision(config.trainer, model)
    if initial is not None:
        check_vocabulary(spec, initial, config.init)
        log.info("%s", begin_from(model, config, initial, config.init))
    scores = instantiate(config.metrics)
    with lowering(SCORING):
        scores_something = scores.prepare(data)
    choose_best_by(scores, config)
    resolved = {**plain(config), "spec": spec}
    images_before = None if checkpoint is None else check_checkpoint(checkpoint, resolved, model, run_dir)
    check_monitors(resolved["callbacks"], scores.names)
    configured = instantiate(config.callbacks, _convert_="all")  # Timer takes plain durations only
    beginning = first_files(resolved, run_dir, checkpoint)
    callbacks = [
        Agreement({"data": data.read(), "scores": scores.protocol, "checkpoint": images_before}),
        beginning,
        *configured.values(),
        *callbacks_of_every_run(resolved, scores, beginning, configured.get("best"), is_new),
        *([Evaluation(scores, config.run_dir)] if scores_something else []),
    ]
    trainer = build_trainer(config.trainer, callbacks, loggers, configured.get("best"))
    images = data.batch_size * trainer.world_size  # of a step
    spread_validations(trainer, model, images)
    if trainer.is_global_zero:
        recipe = choices("experiment", "model", "network", *(["loss"] if "loss" in config.model else []))
        log.info("%s", start_block(data, model, trainer, recipe, validation_interval(trainer, images), scores, run_dir))
    if config.dry_run:
        return None
    fit(trainer, model, data, checkpoint, run_dir, beginning)
    done = model.images_seen == images_before
    last_words = nothing_left(resolved, configured) if done else stopped_by(trainer, resolved, configured)
    if last_words is not None and trainer.is_global_zero:
        log.info("%s", last_words)
    score = configured["best"].best_model_score if "best" in configured else None
    return None if score is None else float(score)
