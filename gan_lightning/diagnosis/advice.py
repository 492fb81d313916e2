"""Which advice a run could follow: not every model has a discriminator, classes, or a rate for everything."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_QUOTED = re.compile(r"`'?([^`']+)'?`")
_SEPARATE = ("Hinge", "LeastSquares", "NonSaturating", "Minimax")
"""Losses by whose logits real images and samples are told apart, which `augment=ada` needs."""


def possible(advice: Sequence[str], config: Mapping[str, Any]) -> list[str]:
    """The advice of which all settings, between backticks, can be added to a run's command.

    Args:
        advice: each with what it does.
        config: of the run; without a model, of an earlier version for instance, nothing is left out.
    """
    if not isinstance(config.get("model"), Mapping):
        return list(advice)
    return [text for text in advice if all(_is_taken(word, config) for word in " ".join(_QUOTED.findall(text)).split())]


def _is_taken(word: str, config: Mapping[str, Any]) -> bool:
    name, _, value = word.partition("=")
    model, spec = _node(config, "model"), _node(config, "spec")
    kind = spec.get("kind", "images") if "num_classes" in spec else ""  # of what noise becomes
    if name.startswith(("model.optimisation.", "dataset.")):
        place, _, setting = name.removesuffix("._target_").rpartition(".")
        return setting in _node(config, place)
    if name in ("generator_lr", "discriminator_lr"):
        return name.removesuffix("_lr") in _node(model, "optimisation")
    if name == "model":
        return kind in ("images", "points")
    if name == "penalty":
        return "penalties" in model and not model.get("draw_labels")
    if name == "generator_penalty":
        return "generator_penalties" in model
    if name == "minibatch":
        return "head" in _node(model, "discriminator")
    if name == "augment":
        loss = str(_node(model, "loss").get("_target_", "")).rpartition(".")[2]
        taken = "augment" in model and not model.get("sees_source")
        return taken and (value == "instance_noise" or kind != "points") and (value != "ada" or loss in _SEPARATE)
    return True


def _node(config: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    """What lies at a dotted place, empty if there is nothing with names."""
    found: Any = config
    for part in place.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
