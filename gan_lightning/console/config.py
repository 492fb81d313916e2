"""Configurations: where they are, how they are written and read, and the classes that they name."""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import SettingError

# A wheel carries the configurations inside the package; a checkout has them beside it.
_PACKAGED = Path(__file__).parents[1] / "conf"
CONF = str(_PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2] / "conf")

OWN_CONFIGURATION = ("--config-dir", "--config-path", "--config-name")
"""Flags in a run's `command`, each followed by its value: whose configuration was composed."""

MOST_BYTES = 10_000_000
"""A larger file cannot be the configuration of a run, and is not read."""

SWEEP_PLAN = "sweep.json"
"""In the folder of a sweep, what its jobs need to know: how many they are, and the names of the swept settings."""


def plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as resolved plain containers, fit for a checkpoint and for loggers."""
    container = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Quotes text that begins like a number: OmegaConf would read 1e3 as one, which for YAML 1.1 is text."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="'" if re.match(r"[-+.\d]", text) else None
    ),
)


def to_yaml(config: Mapping[str, Any]) -> bytes:
    """Plain data as a YAML file that gives the same back, whatever names of classes it holds."""
    return yaml.dump(dict(config), Dumper=_Dumper, sort_keys=False, allow_unicode=True).encode()


def from_yaml(file: Path) -> dict[str, Any]:
    """What `to_yaml` wrote, as it is: text such as `${x}` or `???` has no meaning in it.

    Raises:
        SettingError: the file cannot be read, or holds something else.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise SettingError(
                f"{file}: is larger than {MOST_BYTES:,} bytes, so it cannot be the configuration of a run"
            )
        content = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SettingError(f"{file}: cannot be read as the configuration of a run") from error
    if not isinstance(content, dict):
        raise SettingError(f"{file}: holds no configuration of a run")
    return content


def class_of(part: str, config: Mapping[str, Any]) -> type:
    """The class that a part of a configuration names.

    Raises:
        SettingError: there is none of that name.
    """
    target = config[part]["_target_"]
    module, _, name = target.rpartition(".")
    try:
        found: type = getattr(import_module(module), name)
    except Exception as error:  # whatever a module of the user's raises
        reason = " ".join(str(error).split())
        raise SettingError(f"{part}._target_={target}: cannot be imported ({reason})") from error
    return found
