"""gan-evaluate from the command line to its last line; `gan_lightning.evaluate` does the work between."""

import json
import os
from contextlib import nullcontext
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from gan_lightning.console import cli
from gan_lightning.console.config import CONF
from gan_lightning.console.declared import Evaluate
from gan_lightning.console.schema import check
from gan_lightning.errors import SettingError
from gan_lightning.files import write_whole
from gan_lightning.processes.helpers import start_early
from gan_lightning.runs.log import begin_log
from gan_lightning.runs.owner import owned


@hydra.main(version_base="1.3", config_path=CONF, config_name="evaluate")
@cli.job
def _job(config: DictConfig) -> None:
    check(config, Evaluate)
    run_dir = Path(config.run_dir)
    of_folders = config.real is not None or config.fake is not None
    if config.checkpoint is None and not of_folders:
        raise SettingError("checkpoint: say what to score, checkpoint=RUN or two folders, real=FOLDER fake=FOLDER")
    start_early(config.trainer.strategy, "gan_lightning.runs.scoring" if of_folders else "gan_lightning.evaluate")
    with cli.importing():
        from gan_lightning.evaluate import compare, subjects
        from gan_lightning.loggers import is_rank_zero
        from gan_lightning.metrics import as_json, as_markdown, as_text
        from gan_lightning.out_of_memory import EVALUATING
        from gan_lightning.runs.launch import Advice, launch
        from gan_lightning.runs.scoring import compare_folders

    work = compare_folders if of_folders else compare
    with owned(run_dir, HydraConfig.get().overrides.task) if is_rank_zero() else nullcontext():
        launch(config, work, Advice(EVALUATING, lambda _: "nothing was scored"))
        begin_log()
        if not is_rank_zero():
            return
        names = subjects(config)
        written = [json.loads(line) for line in (run_dir / "scores.jsonl").read_text().splitlines()[-len(names) :]]
        scored = dict(zip(names, written, strict=True))
        write_whole(run_dir / "scores.json", as_json(scored).encode(errors="replace"))
        write_whole(run_dir / "scores.md", as_markdown(scored).encode(errors="replace"))
    print(as_text(scored))
    print(f"As a table to paste: {os.path.relpath(run_dir / 'scores.md')}; for programs: scores.json beside it")


def main() -> None:
    """Console script."""
    cli.run(_job)
