"""From a checkpoint file back to a model, without running any code that the file brings."""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, final

from lightning.pytorch.plugins import TorchCheckpointIO

from gan_lightning.data import OF_SEQUENCES
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.models import Ensemble, FromNoise, SteppingModule
from gan_lightning.models.finite import not_finite
from gan_lightning.runs.contents import missing_for_the_model, missing_for_training
from gan_lightning.runs.earlier import to_today
from gan_lightning.runs.shipped import shipped_model, shipped_models
from gan_lightning.sampling.rebuilding import rebuild
from gan_lightning.tensors import DamagedFileError, read_tensors, write_tensors

log = logging.getLogger(__name__)


def read(path: str | Path, setting: str = "checkpoint") -> dict[str, Any]:
    """The content of a checkpoint of this package: tensors and plain containers, pickled code is refused.

    Args:
        path: a checkpoint; or a run's folder, or its folder `checkpoints`: then its best.ckpt or, without one, the
            newest that can be read; or, where no such file is, the name of a model that comes with this package.
        setting: that named it, for messages.

    Raises:
        SettingError: no such file, half-written, or from elsewhere; a folder without any that can be read.
    """
    return _read(*_found(path, setting))


def read_each(paths: Sequence[str | Path]) -> list[dict[str, Any]]:
    """The contents of several checkpoints, as `read` finds them.

    Raises:
        SettingError: as `read`; two of them are the same file, however it is written.
    """
    found = [_found(path, "checkpoint") for path in paths]
    files = [os.path.realpath(file) for file, _ in found]
    for file in files:
        if files.count(file) > 1:
            raise SettingError(f"checkpoint: names {file} twice; name each once")
    return [_read(*one) for one in found]


def _found(path: str | Path, setting: str) -> tuple[Path, str]:
    """The file that is read for a path, and its name in messages."""
    given = expanded(path)
    if not given.exists():
        given = shipped_model(path) or given
    if given.is_dir():
        file = _in_folder(given, setting)
        log.info("%s=%s: taking %s", setting, path, file.relative_to(given))
        return file, f"{setting}={file}"
    if not given.exists():
        raise SettingError(
            f"{setting}={path}: there is no such file or folder, and the models that come with gan_lightning are "
            + ", ".join(shipped_models())
        )
    return given, f"{setting}={path}"


def read_to_go_on(path: Path) -> dict[str, Any]:
    """The content of a checkpoint file that training can go on from.

    Raises:
        SettingError: as `read`; or it lacks what only training needs.
    """
    content = _read(path, f"checkpoint={path}")
    _refuse_incomplete(f"checkpoint={path}", missing_for_training(content))
    return content


def newest(folder: Path, reading: Callable[[Path], dict[str, Any]]) -> Path | None:
    """The checkpoint in a folder that has seen most images and can be read; damaged ones are named and passed over.

    Args:
        folder: of the checkpoints.
        reading: `read`, or `read_to_go_on`.
    """
    found = {}
    for path in sorted(folder.glob("*.ckpt")):
        try:
            found[path] = reading(path)["counters"]["images_seen"]
        except SettingError as error:
            log.warning("%s; passed over", error)
    # last.ckpt is a second name of the newest.
    return max(found, key=lambda path: (found[path], path.name != "best.ckpt"), default=None)


def _in_folder(given: Path, setting: str) -> Path:
    """The checkpoint that is read where a run's folder is given."""
    folder = given / "checkpoints" if (given / "checkpoints").is_dir() else given
    best = folder / "best.ckpt"
    if best.is_file():
        with suppress(SettingError):
            _read(best, f"{setting}={best}")
            return best
    found = newest(folder, read)  # which names a damaged best.ckpt
    if found is None and (given / "config.json").is_file() and not any(folder.glob("*.ckpt")):
        raise SettingError(
            f"{setting}={given}: is what gan-export wrote for Python or for other programs; export the model with "
            "format=checkpoint, which all commands read"
        )
    if found is None:
        raise SettingError(
            f"{setting}={given}: this folder holds no checkpoint that can be read; name the folder of a run (with its "
            "subfolder checkpoints) or a file *.ckpt"
        )
    return found


def _read(file: Path, label: str) -> dict[str, Any]:
    try:
        content = read_tensors(file, sealed=False)
    except DamagedFileError as error:
        raise SettingError(f"{label}: {error}") from error
    _refuse_incomplete(label, missing_for_the_model(content))
    checked: dict[str, Any] = content
    to_today(checked["config"])
    bad = not_finite(checked["state_dict"])
    if bad:
        raise SettingError(f"{label}: holds weights that are NaN or infinite ({bad[0]}); use an earlier checkpoint")
    return checked


def _refuse_incomplete(label: str, missing: str | None) -> None:
    if missing is not None:
        raise SettingError(
            f"{label}: was not written by gan-train, or by another version of it ({missing} is missing or "
            "not as expected)"
        )


@final
class AtomicCheckpoints(TorchCheckpointIO):
    """Writes a checkpoint whole or not at all, with a digest of its contents, and loads no code."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        write_tensors(Path(path), checkpoint)

    def load_checkpoint(
        self, path: str | Path, map_location: Any = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        return read_to_go_on(Path(path))


def ensemble(paths: Sequence[str | Path], trusted: Sequence[str] = ()) -> Ensemble:
    """The generators of several checkpoints, which make tensors in turn: `ensemble(["RUN_A", "RUN_B"]).sample(64)`.

    Args:
        paths: checkpoints, or folders of runs, of models that make images from noise, of the same image shape and
            classes.
        trusted: packages of yours whose classes a checkpoint may name besides this package's own.

    Raises:
        SettingError: no path; the same twice; a file that `gan_lightning.load` would refuse; a model that does not fit
            the first.
    """
    contents = read_each(paths)
    return assemble(paths, contents, [rebuild(content, trusted) for content in contents])


def assemble(
    paths: Sequence[str | Path], contents: Sequence[dict[str, Any]], models: Sequence[SteppingModule]
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
        if not isinstance(model, FromNoise):
            raise SettingError(
                f"checkpoint={path}: translates pictures; a list may hold only models that make images from noise"
            )
        for fact in ("channels", "height", "width", "num_classes", "class_names", *OF_SEQUENCES):
            given = content["config"]["spec"].get(fact)
            if given != first.get(fact):
                raise SettingError(f"checkpoint={path}: has {fact} {given}, but {paths[0]} has {first.get(fact)}")
        words = [(spec.get("captions") or {}).get("words") for spec in (content["config"]["spec"], first)]
        if words[0] != words[1]:
            raise SettingError(f"checkpoint={path}: reads captions of other words than {paths[0]}")
        members.append(model)
    return Ensemble(members)
