"""The first files of a run, which are written as late as possible: a start that fails can then be repeated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_lightning import shell
from gan_lightning.console.config import to_yaml
from gan_lightning.errors import SettingError
from gan_lightning.files import remove_partials, write_whole
from gan_lightning.loggers import is_rank_zero
from gan_lightning.runs.beginning import Beginning
from gan_lightning.runs.leftovers import results
from gan_lightning.runs.log import begin_log
from gan_lightning.runs.status import begin


def refuse_used_folder(run_dir: Path, resume: str | None) -> None:
    """Keep what another run has left.

    Args:
        run_dir: where this run is going to write.
        resume: the run that this one continues, if any.

    Raises:
        SettingError: the folder holds another run.
    """
    earlier = results(run_dir)
    if earlier and resume is None and is_rank_zero():
        raise SettingError(
            f"run_dir={run_dir}: already holds {', '.join(earlier)} of a run, which are not replaced; "
            f"choose another hydra.run.dir, or continue that run: {shell.word(f'resume={run_dir}')}"
        )


def first_files(config: Mapping[str, Any], run_dir: Path, checkpoint: Path | None) -> Beginning:
    """A callback that writes a run's configuration, status and log as soon as the run begins.

    Args:
        config: resolved, with the measured `spec`.
        run_dir: the run's folder.
        checkpoint: that the run goes on from, if any.
    """

    def mark() -> None:
        if config["resume"] is None and is_rank_zero():
            write_whole(run_dir / "config.yaml", to_yaml(config))

    def begin_files() -> None:
        if is_rank_zero():
            for folder in (run_dir, run_dir / "checkpoints", run_dir / "logs"):
                remove_partials(folder)
            if checkpoint is not None and checkpoint.name != "last.ckpt":
                # The run was killed before its newest checkpoint got this name.
                write_whole(checkpoint.with_name("last.ckpt"), checkpoint.read_bytes())
            write_whole(run_dir / "config.yaml", to_yaml(config))
            begin(run_dir)
        begin_log()

    return Beginning(mark, begin_files)
