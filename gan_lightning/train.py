"""gan-train: one configuration in, a trained model, its scores and its pictures out."""

import logging
import os
import shutil
import sys
import warnings
from dataclasses import asdict
from pathlib import Path

import hydra
import lightning.pytorch as L
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from gan_lightning import cli
from gan_lightning.callbacks import Evaluation, Provenance
from gan_lightning.config import CONF, plain
from gan_lightning.errors import SettingError
from gan_lightning.loggers import finish_wandb

log = logging.getLogger(__name__)

_NOT_FOR_TWO_OPTIMIZERS = {
    "max_steps": "max_generator_steps",
    "gradient_clip_val": "model.optimisation.gradient_clip_norm",
    "accumulate_grad_batches": "model.optimisation.accumulate",
}


def train(config: DictConfig) -> float | None:
    """Train what `config` composes, and return the best monitored score (None without scores).

    Raises:
        SettingError: something in the configuration cannot work; before training wherever it can be known.
    """
    run_dir = Path(config.run_dir)
    run_dir.mkdir(parents=True, exist_ok=True)
    if (run_dir / "checkpoints").exists():
        raise SettingError(f"run_dir={run_dir}: already holds a run, which is kept; choose another hydra.run.dir")
    for setting, instead in _NOT_FOR_TWO_OPTIMIZERS.items():
        if setting in config.trainer:
            raise SettingError(f"trainer.{setting} does not know two optimizers; set {instead} instead")
    if "checkpoint" not in config.callbacks:
        raise SettingError("callbacks: has no entry `checkpoint`, and a run without checkpoints would leave nothing")
    L.seed_everything(config.seed, workers=True, verbose=False)
    # torch announces to Lightning what does not concern the user.
    warnings.filterwarnings("ignore", ".*LeafSpec.*", FutureWarning)
    # Tensors in memory are batched faster than workers could hand them over.
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    # The logging interval counts steps across epochs.
    warnings.filterwarnings("ignore", ".*is smaller than the logging interval.*")

    data = instantiate(config.dataset)
    config.spec = asdict(data.spec())
    scores = instantiate(config.metrics)
    scored = scores.prepare(data)
    if not scored:
        config.callbacks.checkpoint.monitor = None
    model = instantiate(config.model)
    callbacks = [*instantiate(config.callbacks).values(), Provenance(plain(config))]
    if scored:
        callbacks.append(Evaluation(scores, config.run_dir))
    loggers = list(instantiate(config.logger).values())
    trainer = instantiate(config.trainer, callbacks=callbacks, logger=loggers)

    OmegaConf.save(config, run_dir / "config.yaml")
    try:
        trainer.fit(model, data)
    finally:
        finish_wandb()
    best = trainer.checkpoint_callback.best_model_score
    return float(best) if scored else None


def _farewell(config: DictConfig, score: float | None) -> None:
    """Tell where everything is, and what to try next."""
    run = Path(os.path.relpath(config.run_dir))
    command = Path(sys.argv[0]).parent
    here = "" if shutil.which("gan-train") == str(command / "gan-train") else f"{os.path.relpath(command)}/"
    grids = sorted((run / "samples").glob("*.png"))
    best = "" if score is None else f"   ({config.metrics.monitor} {score:.3f})"
    log.info(
        f"""
Sample grid   {grids[-1]}
Training      {run}/training.png
Metrics       {run}/logs/metrics.csv
Curves        {run}/curves.png
Checkpoint    {run}/checkpoints/best.ckpt{best}

Worth trying next:
  {here}gan-generate checkpoint={run}/checkpoints/best.ckpt
  {here}gan-train model=cgan
  {here}gan-train loss=lsgan,hinge,wasserstein -m"""
    )


@hydra.main(version_base="1.3", config_path=CONF, config_name="train")
def _job(config: DictConfig) -> float | None:
    score = train(config)
    _farewell(config, score)
    return score


def main() -> None:
    """Console script."""
    cli.run(_job)


if __name__ == "__main__":
    main()
