"""gan-train: one configuration in, a trained model, its scores and its pictures out."""

import json
import logging
import os
import re
import shlex
import shutil
import sys
import warnings
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
from lightning.pytorch.callbacks import LambdaCallback
from omegaconf import DictConfig

from gan_lightning import cli
from gan_lightning.callbacks import Budget, Evaluation, Provenance, Tally, spread_validations, validation_interval
from gan_lightning.checkpoint import AtomicCheckpoints, read, read_to_go_on
from gan_lightning.composition import build_model, refuse_what_cannot_go_together
from gan_lightning.config import CONF, choices, from_yaml, plain, to_yaml
from gan_lightning.console.declared import Train
from gan_lightning.console.few import suited_to_few_pictures
from gan_lightning.console.schema import check
from gan_lightning.console.start import start_block
from gan_lightning.data import readers_ended
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import remove_partials, write_whole
from gan_lightning.launch import launch
from gan_lightning.loggers import is_rank_zero
from gan_lightning.memory import READING, SCORING, TRAINING, lowering
from gan_lightning.metrics import Scores, judged
from gan_lightning.models import AdversarialModule
from gan_lightning.models.processes import lost_touch
from gan_lightning.next_steps import Finished, next_steps
from gan_lightning.resume import check_unchanged, replayed, to_resume, way_back
from gan_lightning.runs.agreement import Agreement
from gan_lightning.runs.beginning import Beginning
from gan_lightning.runs.contents import optimizers_misfit
from gan_lightning.runs.initial import begin_from
from gan_lightning.runs.leftovers import results
from gan_lightning.runs.log import begin_log
from gan_lightning.sampling.rebuilding import misfit
from gan_lightning.status import begin, recorded, update
from gan_lightning.sweep import job, watched

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
    run_dir = Path(config.run_dir)
    if not is_rank_zero():
        logging.getLogger().setLevel(logging.ERROR)  # the first process speaks for all
        logging.getLogger("gan_lightning.data").setLevel(logging.WARNING)  # but each has read pictures of its own
    _refuse_earlier(config, run_dir)
    refuse_what_cannot_go_together(config)
    resumed = None if config.resume is None else to_resume(run_dir)
    initial = None if config.init is None or resumed is not None else read(config.init, "init")
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
        log.info("%s", begin_from(model, initial, config.init))
    scores = instantiate(config.metrics)
    with lowering(SCORING):
        scored = scores.prepare(data)
    if scores.monitor is None:
        if "score" in (config.objectives or ()):
            raise SettingError("objectives: a search needs a score, but these data and metrics have none")
        del config.callbacks.best
    else:
        config.callbacks.best.update(monitor=scores.monitor, mode=scores.mode)
    told = {**plain(config), "spec": spec}
    begun = -1
    if resumed is not None:
        checkpoint = read_to_go_on(resumed)
        check_unchanged(checkpoint["config"], told)
        wrong = misfit(model.state_dict(), checkpoint["state_dict"])
        if wrong is not None:
            raise SettingError(f"resume={run_dir}: the weights of {os.path.relpath(resumed)} do not fit: {wrong}")
        begun = checkpoint["counters"]["images_seen"]
    made = instantiate(config.callbacks)
    new = config.resume is None

    def mark() -> None:
        if new and is_rank_zero():
            write_whole(run_dir / "config.yaml", to_yaml(told))

    beginning = Beginning(mark, lambda: _begin(told, run_dir, resumed))

    def tell(changes: Mapping[str, Any]) -> None:
        if beginning.begun or new:  # what an earlier run told stands until this one begins
            update(run_dir, changes)

    tally = Tally(tell, made.get("best"))
    agreement = Agreement({"data": data.read(), "scores": scores.protocol, "checkpoint": begun})
    provenance = Provenance(told, scores.protocol, scores.names)
    callbacks = [agreement, beginning, *made.values(), provenance, Budget(), tally]
    if scored:
        callbacks.append(Evaluation(scores, config.run_dir))
    if "best" in made:
        for logger in loggers:
            logger.after_save_checkpoint(made.best)  # a resumed run may find no better one, and uploads that
    plugins = [AtomicCheckpoints()]
    trainer = instantiate(config.trainer, callbacks=callbacks, logger=loggers, plugins=plugins, _convert_="all")
    images_per_batch = data.batch_size * trainer.world_size
    spread_validations(trainer, model, images_per_batch)
    if trainer.is_global_zero:
        recipe = choices("experiment", "model", "network", "loss")
        interval = validation_interval(trainer, images_per_batch)
        log.info("%s", start_block(data, model, trainer, recipe, interval, _computed(scores), run_dir))
    if resumed is None:
        _fit(trainer, model, data, None, run_dir, beginning)
    else:
        _go_on(trainer, model, data, resumed, run_dir, beginning)
    if model.images_seen == begun:
        log.info("%s", _nothing_left(config))
    score = made.best.best_model_score if "best" in made else None
    return None if score is None else float(score)


def _computed(scores: Scores) -> str:
    """What a validation computes, and which score chooses the best checkpoint."""
    if scores.monitor is None:
        return ", ".join(scores.names) or "none"
    best = "lowest" if scores.mode == "min" else "highest"
    return f"{', '.join(scores.names)}; best.ckpt has the {best} {scores.monitor}"


def _nothing_left(config: DictConfig) -> str:
    """Why a resumed run ended at once, and what would go on: the limit that is set, by its name."""
    epochs = config.trainer.max_epochs
    limits = {
        "max_images": config.model.optimisation.max_images,
        "max_generator_steps": config.model.optimisation.max_generator_steps,
        "trainer.max_epochs": None if epochs == -1 else epochs,
        "trainer.max_time": config.trainer.get("max_time"),
    }
    given = [f"{name}={value}" for name, value in limits.items() if value is not None]
    return f"Nothing was left to do ({', '.join(given)}); a larger value would go on"


def _begin(told: Mapping[str, Any], run_dir: Path, resumed: Path | None) -> None:
    """The first traces of a run that trains."""
    if is_rank_zero():
        for folder in (run_dir, run_dir / "checkpoints", run_dir / "logs"):
            remove_partials(folder)
        if resumed is not None and resumed.name != "last.ckpt":  # it was killed before the newest had got its name
            write_whole(resumed.with_name("last.ckpt"), resumed.read_bytes())
        write_whole(run_dir / "config.yaml", to_yaml(told))
        begin(run_dir)
    begin_log()


def _go_on(
    trainer: L.Trainer, model: AdversarialModule, data: Any, resumed: Path, run_dir: Path, beginning: Beginning
) -> None:
    """Train from a checkpoint; what Lightning cannot restore is the checkpoint's fault."""
    begun_at: list[int] = []

    def check_restored(trainer: L.Trainer, _: L.LightningModule) -> None:
        wrong = optimizers_misfit(trainer.optimizers)
        if wrong is not None:
            raise ValueError(wrong)
        begun_at.append(model.generator_step)

    trainer.callbacks.append(LambdaCallback(on_train_start=check_restored))  # type: ignore[attr-defined]
    try:
        _fit(trainer, model, data, resumed, run_dir, beginning)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
        # Optimizers and schedules use all that was restored of them only when they step.
        stepped = bool(begun_at) and model.generator_step > begun_at[0] + 1
        if stepped or isinstance(error, SettingError | FaultError):
            raise
        raise SettingError(
            f"resume={run_dir}: {os.path.relpath(resumed)} does not fit this run, or was written by another version "
            f"({type(error).__name__}: {' '.join(str(error).split()):.200}); move it elsewhere to go on from an "
            "earlier one"
        ) from error


def _fit(
    trainer: L.Trainer, model: AdversarialModule, data: Any, resumed: Path | None, run_dir: Path, beginning: Beginning
) -> None:
    """Train; what ends that early is told with the way back."""

    def told(reason: object) -> str:
        return f"{reason}; {way_back(run_dir)}" if beginning.begun else str(reason)

    try:
        with warnings.catch_warnings(), lowering(TRAINING), readers_ended():
            cli.quieten()
            trainer.fit(model, data, ckpt_path=resumed)
    except SystemExit as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # which Lightning turns into an exit with status 1
            raise KeyboardInterrupt from None
        raise
    except SettingError as error:  # a picture that cannot be read, in the middle of an epoch
        raise SettingError(told(cli.sentence(error))) from error
    except (RuntimeError, ConnectionResetError) as error:
        # torch says either, after where the reader was.
        died = re.search("DataLoader worker.*(exited unexpectedly|is killed by signal)", str(error))
        if isinstance(error, ConnectionResetError) or died:
            raise FaultError(told(f"a process that reads data died ({cli.sentence(error)})")) from error
        if "DataLoader timed out" in str(error):
            raise FaultError(told(f"a process that reads data hangs ({cli.sentence(error)})")) from error
        fault = error if isinstance(error, FaultError) else lost_touch(error, trainer.strategy)
        if fault is not None:
            raise FaultError(told(fault)) from error
        raise
    except OSError as error:
        raise FaultError(told(cli.sentence(error))) from error


def _refuse_earlier(config: DictConfig, run_dir: Path) -> None:
    """Keep what another run has left."""
    earlier = results(run_dir)
    if earlier and config.resume is None and is_rank_zero():
        raise SettingError(
            f"run_dir={run_dir}: already holds {', '.join(earlier)} of a run, which are not replaced; "
            f"choose another hydra.run.dir, or continue that run: resume={shlex.quote(str(run_dir))}"
        )


def _farewell(config: DictConfig, score: float | None) -> None:
    """Say where the results are, and what to try next."""
    run = Path(os.path.relpath(config.run_dir))
    scripts = Path(sys.executable).parent
    here = (
        "" if shutil.which("gan-train") == str(scripts / "gan-train") else shlex.quote(f"{os.path.relpath(scripts)}/")
    )
    files = {
        "Sample grid": max((run / "samples").glob("*.png"), default=run),
        "Training": run / "training.png",
        "Real images": run / "real.png",
        "Metrics": run / "logs" / "metrics.csv",
        "Curves": run / "curves.png",
        "Checkpoint": run / "checkpoints" / ("last.ckpt" if score is None else "best.ckpt"),
    }
    lines = [f"{name:13} {path}" for name, path in files.items() if path.is_file()]
    saved = from_yaml(run / "config.yaml")
    if score is not None:
        monitor = saved["callbacks"]["best"]["monitor"]  # known only after the data
        lines.append(f"{'Best':13} {monitor} {score:.3f}")
        lines += [f"{'':13} {sentence}" for sentence in _judged(run, monitor, score)]
    finished = Finished(run, list(config.command), HydraConfig.get().runtime.choices, saved)
    lines += ["", "Worth trying next:", *(f"  {here}{command}" for command in next_steps(finished))]
    log.info("\n%s", "\n".join(lines))


def _judged(run: Path, monitor: str, score: float) -> list[str]:
    """What the best score tells, beside those of real images and of noise that the last validation wrote down."""
    try:
        last = json.loads((run / "scores.jsonl").read_bytes().splitlines()[-1])
        return judged({monitor: score}, last["references"])
    except (OSError, ValueError, LookupError, TypeError):  # somebody else has changed the file
        return []


def _run(config: DictConfig) -> float | None:
    """Train here or in processes of its own, and leave a status in the run's folder."""
    overrides = [given for given in HydraConfig.get().overrides.task if not given.startswith("skip_done=")]
    run_dir = Path(config.run_dir)
    with recorded(run_dir, overrides) if is_rank_zero() else nullcontext():
        _refuse_earlier(config, run_dir)
        score = launch(config, train)
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
        _farewell(config, score)
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
