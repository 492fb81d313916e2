"""Models and folders of images through prepared scores; each leaves a line in `scores.jsonl`."""

import logging
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig

from gan_lightning.callbacks import Evaluation, StandingStatistics, on_terminal, write_scores
from gan_lightning.console import cli
from gan_lightning.console.declared import Evaluate, ScoresAlone
from gan_lightning.console.schema import check
from gan_lightning.console.start import lines
from gan_lightning.data import READER_LOST, reader_fault, readers_ended
from gan_lightning.errors import FaultError
from gan_lightning.metrics import Scores
from gan_lightning.models import FromNoise, SteppingModule
from gan_lightning.models.replicas import lost_touch
from gan_lightning.out_of_memory import EVALUATING, lowering
from gan_lightning.runs.agreement import Agreement
from gan_lightning.sampling.folders import chosen_for_folders, prepare_for_folders, score_of, two_folders
from gan_lightning.sampling.parts import built

log = logging.getLogger(__name__)


def validated(config: DictConfig, model: SteppingModule, data: Any, scores: Scores) -> dict[str, float]:
    """The scores of a model, by name, on the devices that a configuration of gan-evaluate names.

    Raises:
        FaultError: memory ran out, or a process died.
    """
    if config.seed is not None:
        model.optimisation = replace(model.optimisation, seed=config.seed)
    agreement = Agreement({"data": data.read(), "scores": scores.protocol})
    callbacks = [agreement, Evaluation(scores, config.run_dir)]
    drawn = {name: config[name] for name in ("truncation", "standing_statistics") if config[name] is not None}
    scores.protocol |= drawn
    if isinstance(model, FromNoise):
        model.truncation = config.truncation
        if config.standing_statistics is not None:
            seed = model.optimisation.seed
            callbacks.insert(0, StandingStatistics(config.standing_statistics, seed, config.truncation))
    # In a file, the lines of a bar would stand one below the other.
    bar = config.trainer.get("enable_progress_bar", True) and on_terminal()
    trainer = instantiate(config.trainer, callbacks=callbacks, logger=False, enable_progress_bar=bar)
    try:
        with warnings.catch_warnings(), lowering(EVALUATING), readers_ended():
            cli.quieten()
            trainer.validate(model, data, verbose=False)
    except (RuntimeError, *READER_LOST) as error:
        if (reader := reader_fault(error)) is not None:
            raise FaultError(reader) from error
        if (fault := lost_touch(error, trainer.strategy)) is not None:
            raise fault from error
        raise
    return {name: float(trainer.callback_metrics[name]) for name in scores.names}


@lowering(EVALUATING)
def compare_folders(config: DictConfig) -> list[dict[str, float]]:
    """The scores of the pictures in one folder against those in another, by name.

    Raises:
        SettingError: a folder or a setting cannot work.
        FaultError: memory ran out.
    """
    check(config, Evaluate)
    real, fake = two_folders(config)
    chosen = chosen_for_folders(config, len(fake.files))
    check(chosen, ScoresAlone)
    log.info("%s", "\n".join(lines([*real.notes, *fake.notes])))
    scores = built("metrics", chosen)
    images = prepare_for_folders(scores, real, fake)
    values = score_of(images, scores)
    write_scores(Path(config.run_dir), scores, values, {})
    return [values]
