"""Configurations as Hydra composes them, where composing is not what a test is about.

Hydra needs a quarter of a second for a configuration. Most tests choose the same options and differ in single values,
so options are composed once, and Hydra puts the values into a copy.
"""

import copy
import sys
from functools import cache
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra._internal import defaults_list
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.hydra import Hydra
from hydra.core.default_element import InputDefault
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig

from gan_lightning.console.config import CONF


def composed(command: str, *overrides: str) -> DictConfig:
    """What `compose(command, overrides)` returns."""
    parsed = OverridesParser.create().parse_overrides([*overrides])
    if any(override.key_or_group == "hydra.searchpath" for override in parsed):  # somebody's own files may change
        return _afresh(command, overrides)
    values = [override for override in parsed if _is_value(override)]
    options = tuple(str(override.input_line) for override in parsed if not _is_value(override))
    config = copy.deepcopy(_of_options(command, options))
    ConfigLoaderImpl._apply_overrides_to_config(values, config)
    return config


def _is_value(override: Override) -> bool:
    """Whether it is put into a composed configuration. Others choose what is composed, or are refused."""
    key = override.key_or_group
    is_group = override.package is not None or "/" in key or Path(CONF, key).is_dir() or key.startswith("hydra.")
    return not is_group and not override.is_sweep_override()


@cache
def _of_options(command: str, options: tuple[str, ...]) -> DictConfig:
    return _afresh(command, options)


def _afresh(command: str, overrides: tuple[str, ...]) -> DictConfig:
    with initialize_config_dir(CONF, version_base="1.3"):
        return compose(command, [*overrides])


def compose_once() -> None:
    """Keep Hydra from composing the whole configuration of a command a first time only to read `hydra.mode` from it."""
    composed_mode = Hydra.get_mode

    def mode(self: Hydra, config_name: str, overrides: list[str]) -> object:
        if any(word.startswith("hydra.mode=") for word in overrides):  # which only the command line sets
            return composed_mode(self, config_name, overrides)
        return None

    Hydra.get_mode = mode


def read_once() -> None:
    """Keep Hydra from reading a file again that has not changed since: every configuration needs thirty of them."""
    Plugins.instance()  # which imports Hydra's own sources again
    source = sys.modules[FileConfigSource.__module__].FileConfigSource
    load = source.load_config
    read: dict[tuple[Path, int, int], ConfigResult] = {}

    def loaded(self: FileConfigSource, config_path: str) -> ConfigResult:
        file = Path(self.path, self._normalize_file_name(config_path))
        if not file.is_file():
            return load(self, config_path)
        found = file.stat()
        key = (file, found.st_mtime_ns, found.st_size)
        if key not in read:
            read[key] = load(self, config_path)
        return copy.deepcopy(read[key])

    source.load_config = loaded


def name_plainly() -> None:
    """Keep Hydra from collecting all choices for each file, which only a name that depends on them (`${...}`) needs."""
    collect = defaults_list._create_interpolation_map

    def collected(overrides: object, defaults: list[InputDefault], self_added: bool) -> object:
        return collect(overrides, defaults, self_added) if any(one.is_interpolation() for one in defaults) else None

    defaults_list._create_interpolation_map = collected
