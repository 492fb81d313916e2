"""Going on with a run that was interrupted."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_lightning import shell
from gan_lightning.errors import SettingError
from gan_lightning.models import SteppingModule
from gan_lightning.nested import leaves
from gan_lightning.runs.checkpoint import newest, read_to_go_on
from gan_lightning.runs.usable import refuse_unusable
from gan_lightning.sampling.places import read_paths
from gan_lightning.sampling.rebuilding import misfit

log = logging.getLogger(__name__)

# What a resumed run may have otherwise than before: how long, where and how fast, and what is logged of it.
_FREE = {
    "model": ("optimisation.max_generator_steps", "optimisation.max_images", "optimisation.skip_non_finite"),
    "dataset": ("num_workers", "evaluation_batch_size", "source.skip_broken", "source.memory_limit"),
    "spec": ("fingerprint",),  # a repaired picture, or a copy of the data, has another one
}
_FIXED = ("seed", "spec", "dataset", "model", "metrics")
_MOST_NAMED = 6
_FIXED_IN_TRAINER = ("precision", "limit_train_batches", "sync_batchnorm")


def to_resume(run_dir: Path) -> Path | None:
    """The checkpoint that a run goes on from; None if it was killed before there was one.

    Raises:
        SettingError: there are some, and none can be read; or the folder cannot be written.
    """
    refuse_unusable(run_dir)
    found = newest(run_dir / "checkpoints", read_to_go_on)
    if found is not None:
        log.info("Continuing from %s", os.path.relpath(found))
    elif any((run_dir / "checkpoints").glob("*.ckpt")):
        raise SettingError(
            f"resume={run_dir}: holds no checkpoint that can be read; start again without resume, in another folder"
        )
    else:
        log.info("This run has no checkpoint yet, so it starts from the beginning")
    return found


def way_back(run_dir: Path) -> str:
    """What a run that a fault ended has left, and how to go on."""
    found = newest(run_dir / "checkpoints", read_to_go_on)
    if found is None:
        return "no checkpoint is there to go on from"
    command = shell.line(["gan-train", f"resume={os.path.relpath(run_dir)}"])
    return f"the newest good checkpoint is {os.path.relpath(found)}, and {command} goes on from it"


def check_checkpoint(path: Path, config: Mapping[str, Any], model: SteppingModule, run_dir: Path) -> int:
    """Refuse a checkpoint of another experiment or of another network, and return how many images it has seen.

    Args:
        path: of the checkpoint.
        config: this run's, resolved.
        model: that is going to take its weights.
        run_dir: the run's folder, for messages.

    Raises:
        SettingError: it is of another experiment, or its weights do not fit.
    """
    checkpoint = read_to_go_on(path)
    check_unchanged(checkpoint["config"], config)
    wrong = misfit(model.state_dict(), checkpoint["state_dict"])
    if wrong is not None:
        raise SettingError(f"resume={run_dir}: the weights of {os.path.relpath(path)} do not fit: {wrong}")
    images: int = checkpoint["counters"]["images_seen"]
    return images


def check_unchanged(saved: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse to go on with another experiment than the checkpoint's.

    Args:
        saved: the checkpoint's configuration, resolved.
        given: this run's.

    Raises:
        SettingError: they differ in what a resumed run may not change; the message lists the keys.
    """
    differing = []
    saved, given = ({**config, "metrics": _as_today(config["metrics"])} for config in (saved, given))
    for part in _FIXED:
        free = {f"{part}.{key}" for key in _FREE.get(part, ())}
        if part == "dataset":  # the same data may lie elsewhere; what they are, `spec` says
            free |= {f"{part}.{'.'.join(path)}" for path, _ in read_paths(given[part])}
        both = [leaves(config.get(part), lists=True, path=(part,)) for config in (saved, given)]
        # A setting that an earlier version did not have is null or empty, which changes nothing.
        old, new = ({".".join(path): value for path, value in found if value not in (None, {}, [])} for found in both)
        for key in sorted((old.keys() | new.keys()) - free):
            before, now = old.get(key, "nothing"), new.get(key, "nothing")
            # Caches may lie elsewhere on another machine.
            cached = any(Path(str(before)).is_relative_to(saved[name]) for name in ("cache_dir", "data_dir"))
            if before != now and not cached:
                differing.append(f"{key} (was {before}, is {now})")
    if saved.get("init") != given.get("init"):
        differing.append(f"init (was {saved.get('init')}, is {given.get('init')})")
    for key in _FIXED_IN_TRAINER:
        before, now = saved["trainer"].get(key), given["trainer"].get(key)
        if (before or False) != (now or False):
            differing.append(f"trainer.{key} (was {before}, is {now})")
    if saved["spec"]["fingerprint"] != given["spec"]["fingerprint"]:
        log.warning("The data have changed since this run was started; it continues with the new data")
    if differing:
        more = f" and {len(differing) - _MOST_NAMED} more" if len(differing) > _MOST_NAMED else ""
        raise SettingError(
            f"resume: cannot change {', '.join(differing[:_MOST_NAMED])}{more}; a resumed run may only change its "
            "budget, logger, devices, callbacks and where its data lie; for other changes start a new run (init=FOLDER "
            "gives it the weights of this one)"
        )


def _as_today(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Scores in the one form of all versions: earlier ones named no single scores, and an extractor also where none is.

    Args:
        metrics: this part of a configuration, resolved.
    """
    today = {key: value for key, value in metrics.items() if (key, value) != ("extractor", None)}
    package = "gan_lightning.metrics"
    if today.get("_target_") == f"{package}.GenerationScores" and "scores" not in today:
        fid = {"fid": {"_target_": f"{package}.FrechetDistance"}}
        network = {**fid, "is": {"_target_": f"{package}.InceptionScore", "splits": today["is_splits"]}}
        swd = {"swd": {"_target_": f"{package}.SlicedWasserstein"}}
        today["scores"] = {**network, **swd} if "extractor" in today else swd
    if [*today.get("scores", ())] == [today.get("monitor")]:
        today["monitor"] = None  # a single score is also the default
    return today
