"""The command line of a run that goes on: what its folder says, and what is typed beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from gan_lightning.console.config import OWN_CONFIGURATION, SWEEP_PLAN, from_yaml
from gan_lightning.console.quoting import SWEEP, quoted, unquoted
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.runs.usable import refuse_unusable


def replayed(arguments: Sequence[str]) -> list[str]:
    """The command line of a run that `resume=FOLDER` names, with the arguments beside it; others are left as they are.

    Raises:
        SettingError: the folder holds no run, or several runs are asked for.
    """
    wanted = [unquoted(argument) for argument in arguments if argument.startswith("resume=")]
    if not wanted or wanted[-1] in ("", "None"):
        return list(arguments)
    if set(SWEEP) & set(arguments):
        raise SettingError("resume: goes on with one run; leave -m out; a sweep goes on with skip_done=true")
    folder = expanded(wanted[-1]).absolute()
    refuse_unusable(folder)
    if not (folder / "config.yaml").is_file():
        if (folder / SWEEP_PLAN).is_file():
            raise SettingError(
                f"resume={folder}: is the folder of a sweep, which goes on with its own command and "
                f"skip_done=true hydra.sweep.dir={quoted(folder)}; resume= takes the folder of one of its jobs"
            )
        raise SettingError(f"resume={folder}: holds no run of gan-train (its config.yaml is missing)")
    config = from_yaml(folder / "config.yaml")
    saved = config.get("command")
    if not isinstance(saved, list) or not all(isinstance(part, str) for part in saved):
        raise SettingError(f"resume={folder}: its config.yaml is damaged (it has no list `command` of settings)")
    strange = [part for part in saved if part.startswith("-") and part not in OWN_CONFIGURATION]
    if strange:
        raise SettingError(f"resume={folder}: its config.yaml is damaged: `{strange[0]}` in `command`")
    command = [value for value in saved if not value.startswith("resume=")]
    named = [value for value in arguments if not value.startswith(("resume=", "hydra.run.dir="))]
    typed = {part.partition("=")[0] for part in (*command, *named)}
    pinned = [f"{name}={value}" for name, value in _pinned(config).items() if name not in typed]
    return [*command, *pinned, *named, f"resume={quoted(folder)}", f"hydra.run.dir={quoted(folder)}"]


def _pinned(config: Mapping[str, Any]) -> dict[str, Any]:
    """What a run had and cannot change, though on other devices its settings may choose something else: the precision,
    and the images of an update, of which earlier versions counted those of one batch."""
    trainer, data = (
        {} if not isinstance(part := config.get(name), Mapping) else part for name in ("trainer", "dataset")
    )
    values = {
        "trainer.precision": trainer.get("precision"),
        "images_per_update": config.get("images_per_update", data.get("batch_size")),
    }
    return {name: value for name, value in values.items() if value is not None}
