"""A command line before Hydra reads it: paths and classes are quoted, and what Hydra could not explain is refused."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException

from gan_lightning.config import CONF
from gan_lightning.console import declared
from gan_lightning.console.values import shown
from gan_lightning.errors import SettingError
from gan_lightning.ranges import is_path

SWEEP = ("-m", "--multirun")
_HYDRAS_FOLDERS = ("hydra.run.dir", "hydra.sweep.dir")
# What a group's classes are called, by the first part of the names of their settings.
_PACKAGES = {"dataset": "data", "metrics": "metrics", "logger": "loggers", "callbacks": "callbacks"}
_FLAG_OF_FOLDER = ("--config-dir", "-cd")
_CLASS_IN_LIST = re.compile(r"""\s*'(?:\\.|[^'\\])*'|\s*"(?:\\.|[^"\\])*"|[^,]+""")
_FUNCTION = re.compile(r"(choice|range|interval|glob|shuffle|sort|tag|extend_list|str|int|float|bool|json_str)\(.*\)")


def prepared(arguments: Sequence[str]) -> list[str]:
    """The arguments as Hydra takes them: flags first, and the values of settings that are paths or classes quoted.

    Raises:
        SettingError: a group is given what no option is called, or a folder of configurations is missing.
    """
    # Hydra's parser wants flags before all settings; people write `loss=a,b -m trainer.max_epochs=1`.
    ordered = sorted(arguments, key=lambda argument: argument not in SWEEP)
    is_sweep = any(argument in SWEEP for argument in arguments)
    ready = [_with_text_quoted(argument, is_sweep) for argument in ordered]
    _check_folder(ready)
    for argument in ready:
        if "=" in argument and not argument.startswith("-"):
            _check_group(argument)
    return ready


_SIMPLE = re.compile(r"[A-Za-z_./][\w./-]*", re.ASCII)
_WORDS = ("null", "true", "false", "nan", "inf")  # what the grammar takes for something else than text


def quoted(path: object) -> str:
    """Text as Hydra's grammar takes it, whatever it holds: jobs of a sweep have = and commas in their names."""
    if _SIMPLE.fullmatch(str(path)) and str(path).lower() not in _WORDS:
        return str(path)
    # A backslash is one of the text, except before a quote.
    return "'" + re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), str(path)) + "'"


def unquoted(argument: str) -> str:
    """The value of a setting `name=value`, as text."""
    return str(OverridesParser.create().parse_override(argument).value())


@cache
def is_path_setting(name: str) -> bool:
    """Whether a setting of that name takes a path, by the tables of the commands and the signatures of classes."""
    if name in _HYDRAS_FOLDERS:
        return True
    group, _, last = name.partition(".")[0], *name.rpartition(".")[1:]
    if "." not in name:
        tables = (declared.Train, declared.Evaluate, declared.Generate)
        return any(is_path(declared.read(table)[0].get(name)) for table in tables)
    return last in _paths_of(group)


@cache
def _paths_of(group: str) -> frozenset[str]:
    """The names of settings of a group's classes that are paths."""
    if group == "trainer":
        kinds, _ = declared.read(declared.Trainer)
        return frozenset(name for name, kind in kinds.items() if is_path(kind))
    if group not in _PACKAGES:
        return frozenset()
    package = import_module(f"gan_lightning.{_PACKAGES[group]}")
    kinds, _ = declared.read(declared.ModelCheckpoint)
    public: Iterator[Callable[..., Any]] = (getattr(package, name) for name in package.__all__)
    parameters = [part for made in public if callable(made) for part in _parameters(made)]
    return frozenset(part.name for part in parameters if is_path(part.annotation)) | (
        {name for name, kind in kinds.items() if is_path(kind)} if group == "callbacks" else set()
    )


def _parameters(made: Callable[..., Any]) -> Sequence[Any]:
    try:
        return list(signature(made).parameters.values())
    except (ValueError, TypeError):
        return []


def _with_text_quoted(argument: str, is_sweep: bool) -> str:
    """A setting that is a path, a class or a list of them, quoted unless it is already.

    A path with an interpolation is left as it is; a class is called `${x}`.
    """
    name, equals, value = argument.partition("=")
    if equals and name == "labels" and not is_sweep:
        return f"{name}={_classes_quoted(value)}"
    if not equals or value in ("", "null") or "${" in value or value[0] in "'\"":
        return argument
    if not is_path_setting(name.lstrip("+~")):
        return argument
    if is_sweep and (("," in value and not Path(value).exists()) or _FUNCTION.fullmatch(value)):
        return argument  # there commas separate, and functions give several values
    if name == "checkpoint" and value.startswith("[") and value.endswith("]") and not Path(value).exists():
        paths = [path.strip() for path in value[1:-1].split(",")]
        if any(path[:1] in ("'", '"', "") for path in paths):
            return argument
        return f"{name}=[{','.join(quoted(os.path.expanduser(path)) for path in paths)}]"
    return f"{name}={quoted(os.path.expanduser(value))}"


def _classes_quoted(value: str) -> str:
    """Classes as they are typed: each is text, though Hydra would read `01`, `1e3`, `yes` or `~` otherwise."""
    if value in ("", "null", "[]") or value[0] in "'\"":
        return value
    if not (value.startswith("[") and value.endswith("]")):
        return _class_quoted(value)
    return f"[{','.join(_class_quoted(name.strip()) for name in _CLASS_IN_LIST.findall(value[1:-1]))}]"


def _class_quoted(name: str) -> str:
    return name if name[:1] in ("'", '"') else quoted(name.replace("${", "\\${"))


def _check_folder(arguments: Sequence[str]) -> None:
    """The folder of one's own configurations must be there: Hydra would do without."""
    for i, argument in enumerate(arguments):
        flag, equals, value = argument.partition("=")
        if flag not in _FLAG_OF_FOLDER:
            continue
        folder = value if equals else next(iter(arguments[i + 1 :]), "")
        if not Path(folder).is_dir():
            raise SettingError(f"{flag} {folder}: there is no such folder")


def _check_group(argument: str) -> None:
    """A group takes the name of an option; a list of names only where options add up."""
    group = re.split("[@=]", argument, maxsplit=1)[0].lstrip("+~")
    if "." in group or not Path(CONF, group).is_dir():
        return
    try:
        override: Override = OverridesParser.create().parse_override(argument)
    except HydraException:
        return  # Hydra says what it does not understand
    if override.type is OverrideType.DEL:
        return
    values = list(override.sweep_iterator()) if override.is_sweep_override() else [override.value()]
    for value in values:
        plain = value if isinstance(value, list) else [value]
        if not plain or not all(isinstance(name, str) for name in plain):
            raise SettingError(f"{group}={shown(value)}: {declared.options(group)}; leave it out for the usual one")
        if len(plain) > 1 and group not in declared.ADDING_UP:
            raise SettingError(f"{group}={shown(value)}: takes a single option, not several")
