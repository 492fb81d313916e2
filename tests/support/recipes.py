"""What there is to train, found in the folders of conf/ and in the classes that their files name.

No test lists recipes, steps or networks by hand: whatever is added is tried everywhere.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hydra.utils import get_class

from gan_lightning.batch import Labelled
from gan_lightning.console.config import CONF
from gan_lightning.models import FromNoise, GumbelGAN, PolicyGradient, SequenceModel, SteppingModule, Translating


def options(group: str) -> list[str]:
    """All that may stand behind `group=`, those in folders as `folder/option`."""
    folder = Path(CONF, group)
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml"))


@cache
def built_by(group: str, option: str, part: str | None = None) -> type[Any] | None:
    """The class that an option builds, or that a part of it builds; None if it builds nothing.

    Its own file names the class, or one that it inherits from, as `defaults: [resnet, _self_]` or `- /step/gan@_here_`.
    """
    content = yaml.safe_load(Path(CONF, group, f"{option}.yaml").read_text()) or {}
    node = content if part is None else content.get(part, {})
    if "_target_" in node:
        return get_class(node["_target_"])
    for parent in content.get("defaults", []):
        if isinstance(parent, str) and parent != "_self_":
            path = parent.partition("@")[0]
            of, _, name = path[1:].rpartition("/") if path.startswith("/") else (group, "", path)
            if (found := built_by(of, name, part)) is not None:
                return found
    return None


def one_of_each_class(group: str) -> list[str]:
    """Of the options of a group that build the same class with other numbers or parts, the first."""
    found: dict[frozenset[str], str] = {}
    for option in options(group):
        found.setdefault(_outermost(group, option), option)
    return list(found.values())


def _outermost(group: str, option: str) -> frozenset[str]:
    """The classes that an option names, or the one it inherits from, but not those of their arguments."""
    content = yaml.safe_load(Path(CONF, group, f"{option}.yaml").read_text()) or {}
    parts = [content, *(part for name, part in content.items() if isinstance(part, dict) and "_target_" not in content)]
    named = {part["_target_"] for part in parts if "_target_" in part}
    parents = [parent for parent in content.get("defaults", []) if isinstance(parent, str) and parent in options(group)]
    return frozenset(named).union(*(_outermost(group, parent) for parent in parents))


STEPS: list[type[SteppingModule]] = [step for name in options("step") if (step := built_by("step", name)) is not None]
"""The training steps."""


def from_noise() -> list[str]:
    """The recipes of models that make images from noise."""
    steps = {model: step_of(model) for model in options("model")}
    return [model for model, step in steps.items() if issubclass(step, FromNoise) and step.takes is Labelled]


def of_sequences() -> list[str]:
    """The recipes of models that write sequences."""
    return [model for model in options("model") if issubclass(step_of(model), SequenceModel)]


def translating() -> list[str]:
    """The recipes of models that translate between domains."""
    return [model for model in options("model") if issubclass(step_of(model), Translating)]


def generators() -> list[str]:
    """The networks of models that make images from noise."""
    return [network for network in options("network") if built_by("network", network, "generator") is not None]


def translators() -> list[str]:
    """The networks of models that translate."""
    return [network for network in options("network") if built_by("network", network, "translator") is not None]


def step_of(model: str) -> type[SteppingModule]:
    """The training step of a recipe."""
    step = built_by("model", model)
    assert step is not None, f"conf/model/{model}.yaml names no training step"
    return step


def recipe_of(step: type[SteppingModule]) -> str:
    """The recipe that is called as its step is, such as `cyclegan`; or else the first one with this step."""
    found = [model for model in options("model") if step_of(model) is step]
    return min(found, key=lambda model: (model != step.__name__.lower(), model))


def small_network(step: type[SteppingModule]) -> list[str]:
    """The smallest network for a training step, as overrides: its recipe's own, if no other one has the same parts."""
    content = yaml.safe_load(Path(CONF, "model", f"{recipe_of(step)}.yaml").read_text())
    chosen = {group: name for entry in content["defaults"] if isinstance(entry, dict) for group, name in entry.items()}
    own = chosen["override /network@_global_.network"]
    kinds = {"generator": "dcgan", "translator": "unet"}
    other = [f"network={kinds[part]}" for part in kinds if built_by("network", own, part) is not None]
    return [*other, "network.width=4"]


def short(step: type[SteppingModule]) -> list[str]:
    """What lets all phases of a model of sequences come within a few updates, as overrides."""
    if step is GumbelGAN:
        return ["model.critic_steps=2"]
    if step is not PolicyGradient:
        return []
    return ["model.likelihood_steps=2", "model.discriminator_steps=1", "model.critic_steps=2"]


def delivering(batch: type) -> list[str]:
    """The data sets that deliver these batches."""
    return [name for name in options("dataset") if built_by("dataset", name).delivers is batch]


def reads_captions(model: str) -> bool:
    """Whether a recipe needs data with captions."""
    content = yaml.safe_load(Path(CONF, "model", f"{model}.yaml").read_text())
    entries = content.get("defaults", [])
    parents = [entry for entry in entries if isinstance(entry, str) and entry in options("model")]
    own = any("text_encoder" in group for entry in entries if isinstance(entry, dict) for group in entry)
    return own or any(map(reads_captions, parents))


def fake_data(step: type[SteppingModule], model: str | None = None) -> str:
    """The data set of random pixels whose batches a step takes; with captions, if the recipe reads them."""
    if model is not None and reads_captions(model):
        return "fake_captions"
    (found,) = (name for name in delivering(step.takes) if name.startswith("fake") and name != "fake_captions")
    return found
