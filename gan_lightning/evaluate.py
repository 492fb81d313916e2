"""gan-evaluate: score a checkpoint, by default as it was scored while training."""

if __name__ == "__main__":  # `python -m`, as torchrun starts it: signals are answered during the slow imports below
    from gan_lightning.processes.requests import end_at_once

    end_at_once()

import json
import logging
import os
import warnings
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
from omegaconf import DictConfig

from gan_lightning.callbacks import Evaluation, on_terminal
from gan_lightning.composition import check_kinds
from gan_lightning.console import cli
from gan_lightning.console.config import CONF
from gan_lightning.console.declared import Evaluate, Parts
from gan_lightning.console.schema import check
from gan_lightning.console.start import lines
from gan_lightning.data import listed, reader_fault, readers_ended
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.loggers import is_rank_zero
from gan_lightning.metrics import caveats, score_table
from gan_lightning.models import FromNoise, SteppingModule, Translating
from gan_lightning.models.replicas import lost_touch
from gan_lightning.out_of_memory import EVALUATING, lowering
from gan_lightning.runs.agreement import Agreement
from gan_lightning.runs.checkpoint import read
from gan_lightning.runs.launch import Advice, launch
from gan_lightning.runs.log import begin_log, let_the_first_process_speak
from gan_lightning.runs.owner import owned
from gan_lightning.sampling.parts import as_in_training, as_typed, built, chosen_parts, notes_of_parts, notes_of_ranges
from gan_lightning.sampling.rebuilding import rebuild

log = logging.getLogger(__name__)


@lowering(EVALUATING)
def evaluate(config: DictConfig) -> dict[str, float]:
    """Scores of the checkpoint's averaged generator, by name.

    Raises:
        SettingError: the checkpoint or a setting cannot work.
        FaultError: memory ran out.
    """
    check(config, Evaluate)
    let_the_first_process_speak()
    checkpoint = read(config.checkpoint)
    saved = checkpoint["config"]
    chosen = chosen_parts(saved, config)
    model = rebuild(checkpoint, config.trusted)
    check_kinds(model, chosen)
    if isinstance(model, FromNoise):
        if config.num_fake is not None:
            chosen.metrics.num_fake = config.num_fake
        chosen.dataset.num_fake = chosen.metrics.num_fake
    elif config.num_fake is not None:
        raise SettingError(f"num_fake={config.num_fake}: a model that translates is scored on all held-out pictures")
    check(chosen, Parts)
    if config.seed is not None:
        model.optimisation = replace(model.optimisation, seed=config.seed)
    as_in_training(chosen.dataset, saved["spec"])
    log.info("%s", "\n".join(lines(notes_of_parts(chosen, config))))
    data = built("dataset", chosen)
    spec = asdict(data.spec())
    summary = data.summary() if "_target_" in config.get("dataset", {}) else list(map(as_typed, data.summary()))
    log.info("%s", "\n".join(lines([*summary, *notes_of_ranges(spec, saved["spec"])])))
    _check_spec(model, spec, saved["spec"])
    scores = built("metrics", chosen)
    if not scores.prepare(data):
        raise SettingError(
            "metrics: no scores are chosen; choose some, such as metrics=swd or metrics=classifier, or for translation "
            "metrics=paired or metrics=unpaired"
        )
    agreement = Agreement({"data": data.read(), "scores": scores.protocol})
    callbacks = [agreement, Evaluation(scores, config.run_dir)]
    # In a file, the lines of a bar would stand one below the other.
    bar = config.trainer.get("enable_progress_bar", True) and on_terminal()
    trainer = instantiate(config.trainer, callbacks=callbacks, logger=False, enable_progress_bar=bar)
    try:
        with warnings.catch_warnings(), lowering(EVALUATING), readers_ended():
            cli.quieten()
            trainer.validate(model, data, verbose=False)
    except (RuntimeError, ConnectionResetError) as error:
        if (reader := reader_fault(error)) is not None:
            raise FaultError(reader) from error
        if (fault := lost_touch(error, trainer.strategy)) is not None:
            raise fault from error
        raise
    return {name: float(trainer.callback_metrics[name]) for name in scores.names}


def _check_spec(model: SteppingModule, spec: Mapping[str, Any], trained: Mapping[str, Any]) -> None:
    """Refuse data of another shape, or of other classes or direction, than the checkpoint was trained on."""
    shape = [key for key in trained if key.endswith("channels") or key == "direction"]
    shape += ["height"] if isinstance(model, FromNoise) else []
    given, known = ({key: facts[key] for key in shape} for facts in (spec, trained))
    if given != known:
        only_size = [key for key in shape if given[key] != known[key]] == ["height"]
        sized = f"; choose dataset.resolution={known['height']}" if only_size else ""
        raise SettingError(
            f"dataset: has {_described(given)}, but the checkpoint was trained on {_described(known)}{sized}"
        )
    if isinstance(model, FromNoise) and spec["class_names"] != trained["class_names"] and not model.ignores_labels():
        raise SettingError(
            f"dataset: has the classes {listed(spec['class_names'], most=20) or 'none'}, but the checkpoint was "
            f"trained on {listed(trained['class_names'], most=20)}"
        )
    if isinstance(model, Translating):  # which takes other sizes than those that it was trained on, but not all
        model.check_size([spec["height"], spec["width"]])


def _described(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in facts.items())


@hydra.main(version_base="1.3", config_path=CONF, config_name="evaluate")
@cli.job
def _job(config: DictConfig) -> None:
    check(config, Evaluate)
    run_dir = Path(config.run_dir)
    with owned(run_dir, HydraConfig.get().overrides.task) if is_rank_zero() else nullcontext():
        scores = launch(config, evaluate, Advice(EVALUATING, lambda _: "nothing was scored"))
        begin_log()
    if not is_rank_zero():
        return
    written = json.loads((run_dir / "scores.jsonl").read_text().splitlines()[-1])
    print(score_table(scores, written["references"]))
    for sentence in caveats(scores, written["references"], written["higher_is_better"]):
        print(f"- {sentence}")
    print(f"How they were measured: `protocol` in {os.path.relpath(run_dir / 'scores.jsonl')}")


def main() -> None:
    """Console script."""
    cli.run(_job)


if __name__ == "__main__":
    main()
