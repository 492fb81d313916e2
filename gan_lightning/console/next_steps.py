"""What to try after a run, as commands that can be pasted."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gan_lightning.console.config import CONF, OWN_CONFIGURATION, from_yaml
from gan_lightning.console.quoting import quoted, typed
from gan_lightning.data import ImageKind, SequenceKind

# Settings that a run of another model keeps: those of the data, the machine and the length.
_KEPT = (
    *("dataset", "degradation", "extractor", "metrics", "callbacks", "trusted", "cache_dir", "data_dir"),
    *("max_images", "max_generator_steps", "max_time", "trainer", "devices", "num_nodes", "logger"),
)
# It keeps these too if both models have the same network, or if a network was typed.
_OF_NETWORK = ("network", "model.optimisation")
# Settings that a repeated run must not copy: they need a new value, or none.
_OF_ONE_RUN = ("hydra", "run_dir", "resume", "skip_done")
_DEFAULTS = {"dataset": "avatars", "metrics": "classifier"}
_CONDITIONAL = ("acgan", "biggan", "biggan_deep", "cgan", "cgan_projection", "sagan")
_OWN_LOSS = ("ebgan", "began")
"""Models whose networks suit no other loss."""
_TRANSLATORS = {"cyclegan": "discogan", "discogan": "cyclegan", "dualgan": "cyclegan"}
"""For a model that translates between two domains, another one."""
_SECOND_STAGES = {"srresnet": "srgan", "rrdb": "esrgan"}
"""For a model that learns without a discriminator, the one that goes on from it with one."""


class Finished(NamedTuple):
    """A run that has ended.

    Attributes:
        folder: of the run.
        command: what composed it: overrides, and the flags of `OWN_CONFIGURATION`.
        choices: the options of all groups, by group.
        config: as it was composed, with the measured `spec`.
    """

    folder: Path
    command: Sequence[str]
    choices: Mapping[str, Any]
    config: Mapping[str, Any]


def next_steps(run: Finished) -> list[str]:
    """Commands that make sense after a run of this kind, on its own data, quoted for the shell."""
    spec, model = run.config["spec"], run.choices["model"]
    generate = ["gan-generate", f"checkpoint={quoted(run.folder)}", *_of(run.command, ("trusted",))]
    if "num_classes" not in spec:
        pictures = _sources(run.config["dataset"].get("source", {}), spec.get("direction", "a2b"))
        # Built-in data do not lie in a folder of pictures. FOLDER then means a folder of the user's.
        generate.append(f"source={'FOLDER' if pictures is None else quoted(pictures)}")
        generate += [] if pictures is None else [f"output={quoted(run.folder / 'made')}"]
        generate += ["domain=all"] if "domains" in spec else []
        others = _translations(run) if {"direction", "a_channels"} & spec.keys() else []  # for data of our kinds
        return [typed(words) for words in (generate, *_longer(run), *others)]
    fixed = model in _OWN_LOSS or "loss" not in run.config["model"]
    losses = [] if fixed else [[*_same_run(run, "loss"), "loss=lsgan,hinge,wasserstein", "-m"]]
    if spec["kind"] == SequenceKind.name:
        return [typed(words) for words in (generate, *_longer(run), _other_sequences(run))]
    if spec["kind"] != ImageKind.name:  # models for images
        changed = [*_same_run(run, "penalty"), "penalty=r1"]
    else:
        other = "cgan" if spec["num_classes"] and model not in _CONDITIONAL else "wgan_gp"
        changed = _other_model(run, "dcgan" if model == other else other, _DEFAULTS)
    return [typed(words) for words in (generate, *_longer(run), changed, *losses)]


def _longer(run: Finished) -> list[list[str]]:
    """The same run with twice its budget, and no limit in time; nothing where its only budget is a number of epochs."""
    budgets = run.config["model"]["optimisation"]
    doubled = [f"{name}={2 * budgets[name]}" for name in ("max_images", "max_generator_steps") if budgets[name]]
    unlimited = [] if run.config.get("max_time") is None else ["max_time=null"]
    return [["gan-train", f"resume={quoted(run.folder)}", *doubled, *unlimited]] if doubled else []


def _translations(run: Finished) -> list[list[str]]:
    """The second stage of a first one; or the other direction, or another model where both are learnt; other losses."""
    spec, model = run.config["spec"], run.choices["model"]
    has_loss = "loss" in run.config["model"]
    losses = [[*_same_run(run, "loss"), "loss=lsgan,hinge,non_saturating", "-m"]] if has_loss else []
    if "direction" not in spec:
        return [_other_model(run, _TRANSLATORS.get(model, "cyclegan"), ("dataset",)), *losses]
    if model in _SECOND_STAGES:
        return [[*_other_model(run, _SECOND_STAGES[model], ("dataset",)), f"init={quoted(run.folder)}"]]
    if "direction" not in run.config["dataset"]:
        return losses
    turned = "b2a" if spec["direction"] == "a2b" else "a2b"
    return [[*_same_run(run, "dataset.direction"), f"dataset.direction={turned}"], *losses]


def _sources(source: Mapping[str, Any], direction: str) -> Path | None:
    """A folder of the run's own data whose pictures its model translates; None for data of another kind."""
    side = "A" if direction == "a2b" else "B"
    folders = [Path(str(source["path"]), f"{split}{side}") for split in ("test", "train")] if "path" in source else []
    folders += [Path(str(source[side.lower()]))] if side.lower() in source else []
    return next((folder for folder in folders if folder.expanduser().is_dir()), None)


def _same_run(run: Finished, changed: str) -> list[str]:
    """The beginning of a command that repeats a run but for one setting or group."""
    repeated = [part for part in _last(run.command) if not _is_of(part, (*_OF_ONE_RUN, changed))]
    return ["gan-train", *_folder_of_own(run.command), *repeated]


def _other_model(run: Finished, model: str, groups: Iterable[str]) -> list[str]:
    """A command that trains another model on the same data; groups that a recipe has chosen are named."""
    typed = {part.partition("=")[0] for part in run.command}
    # Hydra keeps no choice where a recipe chooses a list.
    options = {name: run.choices.get(name) for name in groups if name not in typed}
    chosen = [
        f"{name}={option}" for name, option in options.items() if isinstance(option, str) and option != _DEFAULTS[name]
    ]
    same_network = "network" in typed or run.choices["network"] == _network(model)
    kept = (*_KEPT, *_OF_NETWORK) if same_network else _KEPT
    return ["gan-train", *_folder_of_own(run.command), *chosen, *_of(run.command, kept), f"model={model}"]


def _other_sequences(run: Finished) -> list[str]:
    """A command that trains another model of sequences on the same data."""
    other = "seqgan" if run.choices["model"] == "mle" else "mle"
    return ["gan-train", *_folder_of_own(run.command), *_of(run.command, _KEPT), f"model={other}"]


def _network(model: str) -> str:
    """The option of `network` that an option of `model` chooses."""
    defaults = from_yaml(Path(CONF, "model", f"{model}.yaml"))["defaults"]
    return next(
        str(option)
        for entry in defaults
        if isinstance(entry, Mapping)
        for group, option in entry.items()
        if group.startswith("override /network@")
    )


def _folder_of_own(command: Sequence[str]) -> list[str]:
    return [part for i, at in enumerate(command) if at in OWN_CONFIGURATION for part in command[i : i + 2]]


def _of(command: Sequence[str], names: Sequence[str]) -> list[str]:
    """The overrides of a command line that set something of these names; the last of a setting counts."""
    return [part for part in _last(command) if _is_of(part, names)]


def _last(command: Sequence[str]) -> list[str]:
    """The overrides of a command line, the last of each setting."""
    own = _folder_of_own(command)
    return list({part.partition("=")[0]: part for part in command if part not in own}.values())


def _is_of(part: str, names: Sequence[str]) -> bool:
    """Whether an override sets something of these names: of `penalty` are `penalty=r1`, `penalty.r1.gamma=1` and
    `+ramp@penalty.r1.gamma=linear`."""
    key = f"{part.partition('=')[0].lstrip('+~').rpartition('@')[2]}."
    return any(key.startswith(f"{name}.") for name in names)
