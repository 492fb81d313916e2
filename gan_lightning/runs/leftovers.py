"""What a start that failed has written into the run's folder."""

from contextlib import suppress
from pathlib import Path

RESULTS = ("config.yaml", "checkpoints", "logs", "samples", "scores.jsonl")
"""What makes a folder that of a run, which another one may not write into."""

_LOGGERS = ("wandb", "wandb_run", "mlflow_run", "tensorboard", "train.log")
_WRITTEN = (*RESULTS, *_LOGGERS, "real.png", "training.png", "curves.png")
"""All that a run and its loggers write beside its status."""


def results(run_dir: Path) -> list[str]:
    """What a run has left in a folder."""
    return [name for name in RESULTS if (run_dir / name).exists()]


def written(run_dir: Path) -> set[Path]:
    """Every file and folder of a run, with their folders; whatever else lies there is the user's."""
    tops = [run_dir / name for name in _WRITTEN if (run_dir / name).exists()]
    return {*tops, *(path for top in tops if top.is_dir() and not top.is_symlink() for path in top.rglob("*"))}


def remove_new(run_dir: Path, before: set[Path]) -> None:
    """Remove what a run has written since, as far as that is possible: loggers begin before the first step."""
    for path in sorted(written(run_dir) - before, reverse=True):  # a folder after what is in it
        with suppress(OSError):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
