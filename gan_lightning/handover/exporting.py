"""One checkpoint as a folder that can be handed on."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gan_lightning.data import ImageKind
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import expanded, write_whole
from gan_lightning.handover.card import card
from gan_lightning.handover.formats import CheckpointFormat, Format, SafetensorsFormat
from gan_lightning.handover.parts import alone, has_noise, parts
from gan_lightning.loaded import TrainedModel, grid
from gan_lightning.loaded.description import described, with_arguments
from gan_lightning.loaded.exported import FILE
from gan_lightning.models import Autoencoder, GeneratorAlone, TranslatorsAlone
from gan_lightning.networks import Cascade


@dataclass(frozen=True)
class Subject:
    """What is handed on.

    Attributes:
        trained: the model.
        content: of its checkpoint.
        given: the checkpoint as the user named it, a file or the folder of a run.
        licence: of the weights, in the user's words; None if they said none.
    """

    trained: TrainedModel
    content: Mapping[str, Any]
    given: Path
    licence: str | None


def export(subject: Subject, chosen: Format, output: Path) -> str:
    """Write a model, its description, pictures and a card into a new folder; a sentence that says what.

    Args:
        subject: what is handed on.
        chosen: the format.
        output: a folder that is missing or empty.

    Raises:
        SettingError: the folder holds something, or the model cannot be written in this format; it makes no
            pictures.
        FaultError: what was written makes other images than the model; the folder cannot be written.
    """
    folder = expanded(output)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingError(f"output={output}: is not empty, and its files are not replaced; choose another folder")
    made = subject.trained.spec.get("kind", ImageKind.name)
    if made != ImageKind.name:
        raise SettingError(
            f"checkpoint={subject.given}: makes {made}, and gan-export writes models of pictures; gan_lightning.load "
            "and gan-generate read the checkpoint itself"
        )
    model = subject.trained.model
    config = {
        "gan_lightning": version("gan-lightning"),
        "format": chosen.name,
        "model": type(model).__name__,
        "spec": dict(subject.trained.spec),
        "attributes": subject.content["config"]["dataset"].get("attributes"),
        "images_seen": subject.content["counters"]["images_seen"],
        **_networks(model, subject.content["config"]["model"], chosen),
    }
    with _new_folder(folder, output) as part:
        write_whole(part / FILE, json.dumps(config, indent=1).encode())
        files, largest = chosen.write(model, subject.content, part)
        write_whole(part / FILE, json.dumps({**config, "largest_difference": largest}, indent=1).encode())
        shown = not subject.trained.translates
        if shown:
            grid(subject.trained.sample(32, seed=0)).save(part / "samples.png")
        text = card(subject.trained, subject.content, subject.given, chosen, files, largest, subject.licence, shown)
        write_whole(part / "README.md", text.encode())
        size = sum(file.stat().st_size for file in files) / 1e6
    names = ", ".join(file.name for file in files)
    same = "exactly the images of the checkpoint" if largest == 0 else f"its images, up to {largest:.1g} of [-1, 1]"
    if has_noise(model) and not chosen.keeps_noise:
        same += ", without the dropout that it leaves on"
    makes = "makes" if len(files) == 1 else "make"
    return f"{names} ({size:.2g} MB) {makes} {same}; config.json and a model card are beside it, in {folder}"


@contextmanager
def _new_folder(folder: Path, output: Path) -> Iterator[Path]:
    """A folder to write into, whose files appear in `folder` at the end; what fails leaves nothing.

    Args:
        folder: missing or empty. One that is there stays the same folder: it may be a mount point, a link, or the one
            that the user is in.
        output: the folder as the user named it, for messages.

    Raises:
        FaultError: it cannot be written.
    """
    there = folder.exists()
    try:
        if not there:
            folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder if there else folder.parent, prefix=".gan-export-") as around:
            part = Path(around, "made")
            part.mkdir()
            yield part
            for file in [*part.iterdir()] if there else []:
                os.replace(file, folder / file.name)
            if not there:
                os.replace(part, folder)
    except OSError as error:
        raise FaultError(f"output={output}: cannot be written ({error.strerror}); choose another folder") from error


def _networks(model: Any, config: Mapping[str, Any], chosen: Format) -> dict[str, Any]:
    """What `config.json` says of the networks: how to build them, or how to call them."""
    if isinstance(chosen, CheckpointFormat):  # which says it itself
        return {}
    if not isinstance(chosen, SafetensorsFormat):
        return {"network": {part.name: list(part.inputs) for part in parts(model)}}
    light = alone(model)
    if isinstance(light, TranslatorsAlone):
        translator = described(config["translator"])
        ends = {route.name: (light.channels[route.source], light.channels[route.target]) for route in light.routes}
        return {
            "network": {name: with_arguments(translator, *ends[name]) for name in light.networks},
            "routes": [list(route) for route in light.routes],
            "channels": dict(light.channels),
            "noise": light.noise,
            "own_statistics": bool(config.get("instance_statistics", False)),
        }
    fitted = {"class": "FittedGaussian", "latent_dim": light.latent_dim}
    return {
        "network": _generator(light, config),
        "num_classes": light.num_classes,
        "latent_dim": light.latent_dim,
        "prior": described(config.get("prior", {"_target_": "gan_lightning.models.Normal"})),
        "fitted": fitted if isinstance(model, Autoencoder) else None,
    }


def _generator(light: GeneratorAlone, config: Mapping[str, Any]) -> dict[str, Any]:
    network = light.network
    if not isinstance(network, Cascade):
        found: dict[str, Any] = described(config["generator"])
        return found
    base, band = described(config["base_generator"]), described(config["generator"])
    coarsest = config["resolution"] // 2 ** len(network.sides)
    bands = [{**with_arguments(band), "resolution": side} for side in network.sides]
    made = {**with_arguments(base), "resolution": coarsest}
    return {"class": "Cascade", "base": made, "bands": bands, "coarsest": coarsest}
