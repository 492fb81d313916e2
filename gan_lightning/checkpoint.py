"""From a checkpoint file back to a model, without running any code that the file brings."""

import logging
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import torch
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.pytorch.plugins import TorchCheckpointIO

from gan_lightning.config import refuse_untrusted
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded, write_tensors
from gan_lightning.models import GAN, AdversarialModule, Ensemble

log = logging.getLogger(__name__)

COUNTERS = ("generator_step", "discriminator_step", "images_seen", "skipped_steps", "skipped_in_a_row")


def read(path: str | Path) -> dict[str, Any]:
    """The content of a checkpoint of this package: tensors and plain containers, pickled code is refused.

    Raises:
        SettingError: no such file, half-written, or from elsewhere.
    """
    file = expanded(path)
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


def newest(folder: Path) -> Path | None:
    """The checkpoint in a folder that has seen most images and can be read; damaged ones are named and passed over."""
    found = {}
    for path in folder.glob("*.ckpt"):
        try:
            found[path] = read(path)["counters"]["images_seen"]
        except SettingError as error:
            log.warning("%s; passed over", error)
    # last.ckpt is a second name of the newest.
    return max(found, key=lambda path: (found[path], path.name != "best.ckpt"), default=None)


@final
class AtomicCheckpoints(TorchCheckpointIO):
    """Writes a checkpoint whole or not at all, and loads no code."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        write_tensors(Path(path), checkpoint)

    def load_checkpoint(
        self, path: str | Path, map_location: Any = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        return read(path)


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


def ensemble(paths: Sequence[str | Path], trusted: Sequence[str] = ()) -> Ensemble:
    """The generators of several checkpoint files, which sample in turn: `ensemble(["a.ckpt", "b.ckpt"]).sample(64)`.

    Args:
        paths: checkpoints of models that make images from noise, of the same image shape and classes.
        trusted: as for `load`.

    Raises:
        SettingError: no path; a file that `load` would refuse; a model that does not fit the first.
    """
    contents = [read(path) for path in paths]
    return assemble(paths, contents, [rebuild(content, trusted) for content in contents])


def assemble(
    paths: Sequence[str | Path], contents: Sequence[dict[str, Any]], models: Sequence[AdversarialModule]
) -> Ensemble:
    """The ensemble of models that were rebuilt from the contents of checkpoint files.

    Raises:
        SettingError: there is none; one does not make images from noise, or others than the first.
    """
    if not paths:
        raise SettingError("checkpoint=[]: at least one")
    members = []
    first = contents[0]["config"]["spec"]
    for path, content, model in zip(paths, contents, models, strict=True):
        if not isinstance(model, GAN):
            raise SettingError(f"checkpoint={path}: translates pictures, and only generators from noise draw in turn")
        for fact in ("channels", "height", "width", "class_names"):
            given = content["config"]["spec"][fact]
            if given != first[fact]:
                raise SettingError(f"checkpoint={path}: has {fact} {given}, but {paths[0]} has {first[fact]}")
        members.append(model)
    return Ensemble(members)
