"""From the files of a model to what Python has of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.loaded.exported import is_exported, read_exported
from gan_lightning.loaded.model import TrainedModel
from gan_lightning.models import BetweenDomains, ImagesFromNoise
from gan_lightning.runs.checkpoint import read
from gan_lightning.sampling.rebuilding import rebuild


def load(path: str | Path, trusted: Sequence[str] = ()) -> TrainedModel:
    """A trained model: `load("RUN").sample(16)` are sixteen pictures.

    Args:
        path: the folder of a run, whose best checkpoint is taken; a checkpoint that gan-train wrote; or a folder that
            `gan-export format=safetensors` wrote, which can name no code at all.
        trusted: packages of yours whose classes the checkpoint may name besides this package's own.

    Raises:
        SettingError: the file is missing, damaged, from elsewhere, or names other classes.
    """
    folder = expanded(path)
    if is_exported(folder):
        return read_exported(folder)
    return of_checkpoint(read(path), path, trusted)


def of_checkpoint(content: dict[str, Any], path: str | Path, trusted: Sequence[str] = ()) -> TrainedModel:
    """The model that a checkpoint's content describes.

    Args:
        content: what `gan_lightning.runs.checkpoint.read` returned.
        path: where it was, for messages.
        trusted: packages of the user's whose classes it may name.

    Raises:
        SettingError: it names other classes, or its model makes no pictures.
    """
    model, config = rebuild(content, trusted), content["config"]
    if not isinstance(model, ImagesFromNoise | BetweenDomains):
        raise SettingError(
            f"checkpoint={path}: its {type(model).__name__} neither makes images from noise nor translates pictures"
        )
    return TrainedModel(model, config["spec"], config["dataset"].get("attributes"))
