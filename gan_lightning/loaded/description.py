"""Networks as plain data: the public name of a class and its settings, which no import follows.

A stranger's file can so name nothing but the networks of this package: classes are looked up in a table, and no dotted
name is imported.
"""

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from gan_lightning import networks
from gan_lightning.errors import SettingError
from gan_lightning.models import Coded, FittedGaussian, Normal, Spherical, Uniform

_PRIORS = {one.__name__: one for one in (Coded, FittedGaussian, Normal, Spherical, Uniform)}
CLASSES: Mapping[str, type] = _PRIORS | {
    name: found for name in networks.__all__ if isinstance(found := getattr(networks, name), type)
}
"""What a description may name."""


def described(node: Any) -> Any:
    """A part of a checkpoint's configuration, as a description.

    Raises:
        SettingError: it names a class that is not in the table.
    """
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [described(part) for part in node]
    if not isinstance(node, Mapping):
        return node
    settings = {str(key): described(value) for key, value in node.items() if not str(key).startswith("_")}
    if "_target_" not in node:
        return settings
    package, _, name = node["_target_"].rpartition(".")
    if name not in CLASSES or not package.startswith("gan_lightning."):
        raise SettingError(
            f"format: {node['_target_']} is a class of yours, which a description of the network cannot name; "
            "format=onnx and format=torch_export hold the network itself"
        )
    return {"class": name, **({"partial": True} if node.get("_partial_") else {}), **settings}


def with_arguments(description: Mapping[str, Any], *arguments: object) -> dict[str, Any]:
    """A description that waits for arguments (`partial`), with the first ones that its class takes."""
    free = [name for name in inspect.signature(CLASSES[description["class"]]).parameters if name not in description]
    settings = {name: value for name, value in description.items() if name != "partial"}
    return settings | dict(zip(free, arguments, strict=False))


def built(description: Any) -> Any:
    """What a description describes, with weights of its own.

    Raises:
        SettingError: it names another class, or settings that the class does not take.
    """
    if isinstance(description, list):
        return [built(part) for part in description]
    if not isinstance(description, dict):
        return description
    settings = {key: built(value) for key, value in description.items() if key not in ("class", "partial")}
    if "class" not in description:
        return settings
    name = description["class"]
    if name not in CLASSES:
        raise SettingError(f"config.json: names {name!r:.80}, which is not a network of this package")
    if description.get("partial") is True:
        return partial(CLASSES[name], **settings)
    try:
        return CLASSES[name](**settings)
    except SettingError:
        raise
    except Exception as error:  # whatever settings that nobody checked make the classes raise
        reason = " ".join(str(error).split())
        raise SettingError(f"config.json: {name} cannot be built ({reason:.200})") from error
