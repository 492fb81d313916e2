"""From the files of a model to what Python has of it."""

from collections.abc import Sequence
from pathlib import Path

from gan_lightning.errors import SettingError
from gan_lightning.loaded.model import TrainedModel
from gan_lightning.models import BetweenDomains, ImagesFromNoise
from gan_lightning.runs.checkpoint import read
from gan_lightning.sampling.rebuilding import rebuild


def load(path: str | Path, trusted: Sequence[str] = ()) -> TrainedModel:
    """A trained model: `load("RUN").sample(16)` are sixteen pictures.

    Args:
        path: the folder of a run, whose best checkpoint is taken, or a checkpoint that gan-train wrote.
        trusted: packages of yours whose classes the checkpoint may name besides this package's own.

    Raises:
        SettingError: the file is missing, damaged, from elsewhere, or names other classes.
    """
    content = read(path)
    model = rebuild(content, trusted)
    if not isinstance(model, ImagesFromNoise | BetweenDomains):
        raise SettingError(
            f"checkpoint={path}: its {type(model).__name__} neither makes images from noise nor translates pictures"
        )
    config = content["config"]
    return TrainedModel(model, config["spec"], config["dataset"].get("attributes"))
