"""From a checkpoint file back to a model, without running any code that the file brings."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from hydra.errors import InstantiationException
from hydra.utils import instantiate

from gan_lightning.config import refuse_untrusted
from gan_lightning.errors import SettingError
from gan_lightning.models import AdversarialModule

COUNTERS = ("generator_step", "discriminator_step", "images_seen")


def read(path: str | Path) -> dict[str, Any]:
    """The content of a checkpoint of this package: tensors and plain containers, pickled code is refused.

    Raises:
        SettingError: no such file, half-written, or from elsewhere.
    """
    file = Path(str(path)).expanduser()
    if not file.is_file():
        raise SettingError(f"checkpoint={path}: there is no such file")
    try:
        checkpoint = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise SettingError(f"checkpoint={path}: holds pickled code or is no checkpoint; it was not loaded") from error
    except Exception as error:  # from KeyError to RuntimeError, whatever broken bytes make torch stumble over
        raise SettingError(f"checkpoint={path}: is damaged or half-written") from error
    parts = {"config": ("cache_dir", "data_dir", "model", "spec"), "state_dict": (), "counters": COUNTERS}
    for part, keys in parts.items():
        content = checkpoint.get(part) if isinstance(checkpoint, dict) else None
        if not isinstance(content, dict) or not set(keys) <= content.keys():
            raise SettingError(
                f"checkpoint={path}: was not written by gan-train (its `{part}` is missing or incomplete)"
            )
    return checkpoint


def rebuild(checkpoint: dict[str, Any], trusted: Sequence[str] = ()) -> AdversarialModule:
    """The model that a checkpoint's content describes, on the CPU, in evaluation mode.

    Raises:
        SettingError: the configuration names classes that are not allowed, or does not fit the weights.
    """
    refuse_untrusted(checkpoint["config"], "model", trusted)
    try:
        model = instantiate(checkpoint["config"]["model"])
    except InstantiationException as error:
        raise SettingError(f"the checkpoint's model cannot be built: {error}") from error
    if not isinstance(model, AdversarialModule):
        raise SettingError(f"the checkpoint's model is a {type(model).__name__}, which no step is")
    try:
        model.load_state_dict(checkpoint["state_dict"])
    except RuntimeError as error:
        raise SettingError(f"the checkpoint's weights do not fit its configuration: {error}") from error
    model.restore_counters(checkpoint["counters"])
    return model.eval()


def load(path: str | Path, trusted: Sequence[str] = ()) -> AdversarialModule:
    """The trained model of a checkpoint file, ready to sample: `load("best.ckpt").sample(64)`.

    Args:
        path: a checkpoint that `gan-train` wrote.
        trusted: packages of yours whose classes the checkpoint may name besides this package's own.

    Raises:
        SettingError: the file is missing, damaged, from elsewhere, or names other classes.
    """
    return rebuild(read(path), trusted)
