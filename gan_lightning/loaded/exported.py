"""Models that gan-export wrote as safetensors: numbers and a description, and nothing that could run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_lightning.batch import Route
from gan_lightning.errors import SettingError
from gan_lightning.loaded.description import built
from gan_lightning.loaded.model import TrainedModel
from gan_lightning.models import GeneratorAlone, TranslatorsAlone
from gan_lightning.models.alone import with_own_statistics
from gan_lightning.models.finite import not_finite
from gan_lightning.sampling.rebuilding import bounded, misfit
from gan_lightning.sampling.trust import refuse_large_pictures

FILE = "config.json"
WEIGHTS = "model.safetensors"
CHECKPOINT = "model.ckpt"
_MOST_BYTES = 10_000_000


def is_exported(folder: Path) -> bool:
    """Whether gan-export wrote a folder, in another format than that of checkpoints."""
    return (folder / FILE).is_file() and not (folder / CHECKPOINT).is_file()


def read_exported(folder: Path) -> TrainedModel:
    """The model in a folder that gan-export wrote with format=safetensors.

    Raises:
        SettingError: the folder holds another format, or its files are damaged or do not fit each other.
    """
    config = _config(folder / FILE)
    if config.get("format") != "safetensors":
        raise SettingError(
            f"{folder}: was exported as {config.get('format')}, for other programs; export it with format=safetensors "
            "to load it here"
        )
    weights = _weights(folder / WEIGHTS)
    refuse_large_pictures(config["network"])
    try:
        with torch.device("meta"), bounded(len(weights)):
            wrong = misfit(_model(config).state_dict(), weights)
        if wrong is None:
            model = _model(config)
            model.load_state_dict(weights)
            return TrainedModel(model.eval(), config["spec"], config["attributes"])
    except (LookupError, TypeError, ValueError) as error:  # a SettingError is one, too
        if isinstance(error, SettingError):
            raise
        raise SettingError(f"{folder / FILE}: is damaged ({' '.join(str(error).split()):.200})") from error
    raise SettingError(f"{folder / WEIGHTS}: does not fit {FILE}: {wrong}")


def _model(config: Mapping[str, Any]) -> Any:
    """The model that a configuration describes, with weights of its own."""
    if "routes" not in config:
        fitted = built(config["fitted"])
        return GeneratorAlone(built(config["network"]), config["num_classes"], built(config["prior"]), fitted)
    routes = [Route(*route) for route in config["routes"]]
    made = {name: built(description) for name, description in config["network"].items()}
    if config["own_statistics"]:
        made = {name: with_own_statistics(network) for name, network in made.items()}
    return TranslatorsAlone(made, routes, config["channels"], config["noise"])


def _config(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise SettingError(f"{file}: is larger than {_MOST_BYTES:,} bytes, so gan-export did not write it")
        config = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, SettingError):
            raise
        raise SettingError(f"{file}: cannot be read as JSON") from error
    needed = {"format": str, "spec": dict, "network": dict}
    is_dict = isinstance(config, dict)
    wrong = [name for name, kind in needed.items() if not is_dict or not isinstance(config.get(name), kind)]
    if wrong:
        raise SettingError(f"{file}: lacks `{wrong[0]}`, so gan-export did not write it")
    return config


def _weights(file: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights: dict[str, Tensor] = load_file(file)
    except (OSError, SafetensorError) as error:
        raise SettingError(f"{file}: cannot be read as safetensors ({error})") from error
    bad = not_finite(weights)
    if bad:
        raise SettingError(f"{file}: holds weights that are NaN or infinite ({bad[0]})")
    return weights
