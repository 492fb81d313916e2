"""What to try after a run, as commands that can be pasted."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gan_lightning.console.arguments import quoted

# What another run on the same data, on the same machine and of the same length has in common with this one.
_KEPT = (
    *("dataset", "metrics", "callbacks", "trusted", "cache_dir", "data_dir", "max_images", "max_generator_steps"),
    *("trainer", "devices", "num_nodes", "logger"),
)
_OF_POINTS = ("experiment", "model", "network")  # an experiment chooses all that points need
_DEFAULTS = {"dataset": "avatars", "metrics": "classifier"}
_CONDITIONAL = ("acgan", "cgan", "cgan_projection")
_TRANSLATORS = {"cyclegan": "discogan", "discogan": "cyclegan", "dualgan": "cyclegan"}
"""For a model that translates between two domains, another one."""


class Finished(NamedTuple):
    """A run that has ended.

    Attributes:
        folder: of the run.
        command: what composed it: overrides, and `--config-dir` with its folder.
        choices: the options of all groups, by group.
        config: as it was composed, with the measured `spec`.
    """

    folder: Path
    command: Sequence[str]
    choices: Mapping[str, Any]
    config: Mapping[str, Any]


def next_steps(run: Finished) -> list[str]:
    """Commands that make sense after a run of this kind, on its own data, quoted for the shell."""
    spec = run.config["spec"]
    generate = ["gan-generate", f"checkpoint={quoted(run.folder)}", *_of(run.command, ("trusted",))]
    if "direction" in spec or "a_channels" in spec:
        pictures = _sources(run.config["dataset"]["source"], spec.get("direction", "a2b"))
        # Data that are built in are no folder of pictures; FOLDER is the user's own then.
        places = ("FOLDER", "FOLDER") if pictures is None else (quoted(pictures), quoted(run.folder / "made"))
        generate += [f"{name}={place}" for name, place in zip(("source", "output"), places, strict=True)]
        return [shlex.join(words) for words in (generate, *_longer(run), *_translations(run))]
    losses = ["loss=lsgan,hinge,wasserstein", "-m"]
    if (spec["height"], spec["width"]) == (1, 1):
        same = ["gan-train", *_folder_of_own(run.command), *_of(run.command, (*_KEPT, *_OF_POINTS))]
        trains = [[*same, "penalty=r1"], [*same, *losses]]
    else:
        model, same = run.choices["model"], _same_data(run, _DEFAULTS)
        other = "cgan" if spec["num_classes"] and model not in _CONDITIONAL else "wgan_gp"
        trains = [[*same, f"model={'dcgan' if model == other else other}"], [*same, *losses]]
    return [shlex.join(words) for words in (generate, *_longer(run), *trains)]


def _longer(run: Finished) -> list[list[str]]:
    """The same run with twice its budget; nothing where its only budget is a number of epochs."""
    budgets = run.config["model"]["optimisation"]
    doubled = [f"{name}={2 * budgets[name]}" for name in ("max_images", "max_generator_steps") if budgets[name]]
    return [["gan-train", f"resume={quoted(run.folder)}", *doubled]] if doubled else []


def _translations(run: Finished) -> list[list[str]]:
    """The other direction, or another model where both are learnt, and other losses."""
    spec, model = run.config["spec"], run.choices["model"]
    same = _same_data(run, ("dataset",))
    losses = [*same, f"model={model}", "loss=lsgan,hinge,non_saturating", "-m"]
    if "direction" not in spec:
        return [[*same, f"model={_TRANSLATORS.get(model, 'cyclegan')}"], losses]
    kept = [part for part in same if not part.startswith("dataset.direction=")]
    return [[*kept, f"model={model}", f"dataset.direction={'b2a' if spec['direction'] == 'a2b' else 'a2b'}"], losses]


def _sources(source: Mapping[str, Any], direction: str) -> Path | None:
    """A folder of the run's own data whose pictures its model translates; None for data that are no such folders."""
    side = "A" if direction == "a2b" else "B"
    folders = [Path(str(source["path"]), f"{split}{side}") for split in ("test", "train")] if "path" in source else []
    folders += [Path(str(source[side.lower()]))] if side.lower() in source else []
    return next((folder for folder in folders if folder.expanduser().is_dir()), None)


def _same_data(run: Finished, groups: Iterable[str]) -> list[str]:
    """The beginning of a command that trains on the same data; groups that a recipe has chosen are named."""
    typed = {part.partition("=")[0] for part in run.command}
    chosen = [
        f"{name}={run.choices[name]}"
        for name in groups
        if name not in typed and run.choices[name] != _DEFAULTS[name] and isinstance(run.choices[name], str)
    ]
    return ["gan-train", *_folder_of_own(run.command), *chosen, *_of(run.command, _KEPT)]


def _folder_of_own(command: Sequence[str]) -> list[str]:
    return [part for i, at in enumerate(command) if at == "--config-dir" for part in command[i : i + 2]]


def _of(command: Sequence[str], names: Sequence[str]) -> list[str]:
    """The overrides of a command line that set something of these names; the last of a setting counts."""
    last = {part.partition("=")[0]: part for part in command}
    return [part for key, part in last.items() if key.lstrip("+~").partition(".")[0] in names]
