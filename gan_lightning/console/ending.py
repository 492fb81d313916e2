"""The last lines of a run: where its results are, how good they are, and what to try next."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning.pytorch as L
from lightning.pytorch.callbacks import EarlyStopping, Timer

from gan_lightning import shell
from gan_lightning.console.config import from_yaml
from gan_lightning.console.next_steps import Finished, next_steps
from gan_lightning.console.quoting import quoted, typed
from gan_lightning.console.values import shown
from gan_lightning.metrics import caveats


def end_block(run_dir: Path, choices: Mapping[str, Any], score: float | None) -> str:
    """The files of a finished run, its best score and commands to try next, one a line.

    Args:
        run_dir: the run's folder.
        choices: the options of all groups, by group.
        score: the best one; None without scores.
    """
    run = Path(os.path.relpath(run_dir))
    files = {
        "Sample grid": max((run / "samples").glob("*.png"), default=run),
        "Training": run / "training.png",
        "Real images": run / "real.png",
        "Metrics": run / "logs" / "metrics.csv",
        "Curves": run / "curves.png",
        "Diagnosis": run / "diagnosis.md",
        "Checkpoint": run / "checkpoints" / ("last.ckpt" if score is None else "best.ckpt"),
    }
    lines = [f"{name:13} {path}" for name, path in files.items() if path.is_file()]
    config = from_yaml(run / "config.yaml")
    if score is not None:
        monitor = config["callbacks"]["best"]["monitor"]  # known only after the data
        lines.append(f"{'Best':13} {monitor} {score:.3f}")
        lines += [f"{'':13} {sentence}" for sentence in _caveats(run, monitor, score)]
    commands = next_steps(Finished(run, config["command"], choices, config))
    before, *first = _where_commands_are()
    lines += ["", "Worth trying next:", *first, *(f"  {before}{command}" for command in commands)]
    return "\n".join(lines)


def nothing_left(config: Mapping[str, Any], callbacks: Mapping[str, L.Callback]) -> str:
    """Why a resumed run ended at once, and what would go on: the limit that is set, by its name.

    Args:
        config: the run's.
        callbacks: that it had, by name.
    """
    for name, callback in callbacks.items():
        if _has_stopped(callback):
            run = quoted(Path(os.path.relpath(config["run_dir"])))
            return (
                f"Nothing was left to do: callbacks.{name} has stopped this run; a new one may start with its weights: "
                f"{typed([f'init={run}'])}"
            )
    optimisation, trainer = config["model"]["optimisation"], config["trainer"]
    limits = {
        "max_images": optimisation["max_images"],
        "max_generator_steps": optimisation["max_generator_steps"],
        "trainer.max_epochs": None if trainer["max_epochs"] == -1 else trainer["max_epochs"],
        _name_of_time(config): trainer.get("max_time"),
    }
    given = [f"{name}={shown(value)}" for name, value in limits.items() if value is not None]
    return f"Nothing was left to do ({', '.join(given)}); a larger value would go on"


def stopped_by(trainer: L.Trainer, config: Mapping[str, Any], callbacks: Mapping[str, L.Callback]) -> str | None:
    """The sentence about what ended a run before its budget in images was spent; None if nothing did.

    Args:
        trainer: that has trained.
        config: the run's.
        callbacks: that it had, by name.
    """
    for name, callback in callbacks.items():
        if isinstance(callback, EarlyStopping) and _has_stopped(callback):
            return f"callbacks.{name} has ended the run: {callback.monitor} did not improve any more"
        if _is_over(callback):
            return f"callbacks.{name} has ended the run: its time is over"
    if any(map(_is_over, trainer.callbacks)):  # type: ignore[attr-defined]  # Lightning adds a timer itself
        return f"{_name_of_time(config)}={shown(config['trainer']['max_time'])} has ended the run"
    return None


def _is_over(callback: L.Callback) -> bool:
    """Whether a callback is a timer whose time has passed."""
    remaining = callback.time_remaining() if isinstance(callback, Timer) else None
    return remaining is not None and remaining <= 0


def _name_of_time(config: Mapping[str, Any]) -> str:
    """The setting that limits the time of training."""
    return "trainer.max_time" if config.get("max_time") is None else "max_time"


def _has_stopped(callback: L.Callback) -> bool:
    return isinstance(callback, EarlyStopping) and callback.wait_count >= callback.patience


def _caveats(run: Path, monitor: str, score: float) -> list[str]:
    """What the best score means, compared with those of real images and of noise at the last validation."""
    try:
        last = json.loads((run / "scores.jsonl").read_bytes().splitlines()[-1])
        known = last["references"], last["higher_is_better"]
        return caveats({monitor: score}, *known, translated="num_outputs" in last["protocol"])
    except (OSError, ValueError, LookupError, TypeError):  # somebody else has changed the file
        return []


def _where_commands_are() -> list[str]:
    """What to type before a command's name so that a shell finds it, and a line to type first if one is needed."""
    scripts, here = Path(sys.executable).parent, Path.cwd()
    if shutil.which("gan-train") == str(scripts / "gan-train"):
        return [""]
    if scripts.is_relative_to(here):
        return [shell.word(f"{scripts.relative_to(here)}/")]
    return ["", f'  export PATH={shell.word(str(scripts))}:"$PATH"']
