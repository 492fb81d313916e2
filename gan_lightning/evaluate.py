"""gan-evaluate: score checkpoints, by default as they were scored while training, or any folder of images."""

if __name__ == "__main__":  # `python -m gan_lightning.evaluate`, as torchrun starts it, is the command gan-evaluate
    from gan_lightning import commands

    commands.evaluate()
    raise SystemExit

import logging
from dataclasses import asdict

from omegaconf import DictConfig, ListConfig

from gan_lightning.composition import check_kinds
from gan_lightning.console.declared import Evaluate, Parts
from gan_lightning.console.schema import check
from gan_lightning.console.start import lines
from gan_lightning.errors import SettingError
from gan_lightning.models import FromNoise
from gan_lightning.out_of_memory import EVALUATING, lowering
from gan_lightning.runs.checkpoint import read_each
from gan_lightning.runs.first_process import let_the_first_process_speak
from gan_lightning.runs.scoring import validated
from gan_lightning.sampling.parts import (
    as_in_training,
    as_typed,
    built,
    check_spec,
    chosen_parts,
    notes_of_parts,
    notes_of_ranges,
    notes_of_training,
)
from gan_lightning.sampling.rebuilding import rebuild

log = logging.getLogger(__name__)


def evaluate(config: DictConfig) -> dict[str, float]:
    """Scores of the averaged generator of one checkpoint, by name.

    Raises:
        SettingError: the checkpoint or a setting cannot work.
        FaultError: memory ran out.
    """
    (scores,) = compare(config)
    return scores


@lowering(EVALUATING)
def compare(config: DictConfig) -> list[dict[str, float]]:
    """The same of each checkpoint, all against the data and by the scores of the first one."""
    check(config, Evaluate)
    let_the_first_process_speak()
    paths = subjects(config)
    contents = read_each(paths)
    chosen = chosen_parts(contents[0]["config"], config)
    models = [rebuild(content, config.trusted) for content in contents]
    for model in models:
        check_kinds(model, chosen)
    if isinstance(models[0], FromNoise):
        if config.num_fake is not None:
            chosen.metrics.num_fake = config.num_fake
        chosen.dataset.num_fake = chosen.metrics.num_fake
    elif config.num_fake is not None:
        raise SettingError(f"num_fake={config.num_fake}: a model that translates is scored on all held-out pictures")
    for name in ("truncation", "standing_statistics"):
        if config[name] is not None and not isinstance(models[0], FromNoise):
            raise SettingError(f"{name}={config[name]}: a model that translates has no noise; leave {name} out")
    check(chosen, Parts)
    trained = [content["config"]["spec"] for content in contents]
    as_in_training(chosen.dataset, trained[0])
    log.info("%s", "\n".join(lines(notes_of_parts(chosen, config))))
    data = built("dataset", chosen)
    spec = asdict(data.spec())
    summary = data.summary() if "_target_" in config.get("dataset", {}) else list(map(as_typed, data.summary()))
    log.info("%s", "\n".join(lines([*summary, *notes_of_ranges(spec, trained[0]), *notes_of_training(paths, trained)])))
    for path, model, facts in zip(paths, models, trained, strict=True):
        check_spec(model, spec, facts, "the checkpoint" if len(paths) == 1 else path)
    scores = built("metrics", chosen)
    if not scores.prepare(data):
        raise SettingError(
            "metrics: no scores are chosen; choose some, such as metrics=swd or metrics=classifier, or for translation "
            "metrics=paired or metrics=unpaired"
        )
    return [validated(config, model, data, scores) for model in models]


def subjects(config: DictConfig) -> list[str]:
    """What is scored, in words: checkpoints, or a folder."""
    if config.fake is not None:
        return [str(config.fake)]
    return list(map(str, config.checkpoint)) if isinstance(config.checkpoint, ListConfig) else [str(config.checkpoint)]
