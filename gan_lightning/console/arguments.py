"""A command line before Hydra reads it: paths and classes are quoted, and what Hydra could not explain is refused."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException

from gan_lightning.console import declared, synonyms
from gan_lightning.console.config import CONF
from gan_lightning.console.quoting import FUNCTION, HYDRAS_FOLDERS, SWEEP, with_text_quoted
from gan_lightning.console.values import shown
from gan_lightning.errors import SettingError

FLAGS_OF_FOLDERS = ("--config-dir", "-cd", "--config-path", "-cp")
FLAGS_OF_NAME = ("--config-name", "-cn")
_NAME = re.compile(r"(\+\+|\+|~)?[\w/-]+(\.[\w/-]+)*(@[\w.:-]+)?", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
# Hydra's own; those of the second row are followed by a value.
_FLAGS = ("--help", "-h", "--hydra-help", "--version", "--resolve", "--run", "-r", "--shell-completion", "-sc", *SWEEP)
FLAGS_WITH_VALUE = (
    *("--cfg", "-c", "--package", "-p", "--experimental-rerun", "--info", "-i"),
    *(*FLAGS_OF_FOLDERS, *FLAGS_OF_NAME),
)


_SETTINGS_AS_FLAGS = {"--dry-run": "dry_run=true"}
"""Settings of gan-train that may also be typed as flags, since many programs have flags of that name."""

_EXAMPLES = {**dict.fromkeys(FLAGS_OF_FOLDERS, "FOLDER"), "--cfg": "job", "-c": "job", "--info": "all", "-i": "all"}


def prepared(arguments: Sequence[str], command: str = "train") -> list[str]:
    """The arguments as Hydra takes them: flags first, and the values of settings that are paths or classes quoted.

    A setting that is given twice counts as it is given last, and a line on standard error says so.

    Args:
        arguments: as they are typed.
        command: that they are for, `train`, `evaluate`, `generate` or `export`.

    Raises:
        SettingError: an argument is neither a setting nor a flag, a flag lacks its value, a group has no option
            of that name, several values are given outside a sweep, a run's folder has no name, or a folder or file of
            configurations is missing.
    """
    as_flags = _SETTINGS_AS_FLAGS if command == "train" else {}
    ordered = _flags_first([as_flags.get(argument, argument) for argument in arguments])
    asks = any(argument.startswith(("install=", "uninstall=", "query=")) for argument in ordered)
    if {"--shell-completion", "-sc"} & set(ordered) and not asks:
        raise SettingError("--shell-completion: takes install=SHELL or uninstall=SHELL, as install=bash")
    is_sweep = any(argument in SWEEP or argument.startswith("hydra.mode=") for argument in arguments)
    ready = [with_text_quoted(argument, is_sweep) for argument in ordered]
    _check_folders(ready)
    given: dict[str, str] = {}
    for argument in _settings(ready, command):
        override = _parsed(argument)
        _check_group(argument, override)
        _check_verbose(argument, override)
        if override.is_sweep_override() and not is_sweep:
            raise SettingError(_about_commas(argument))
        name, _, value = argument.partition("=")
        if name in HYDRAS_FOLDERS and value.strip("'\"") in ("", "null"):
            raise SettingError(f"{name}={value}: names no folder; leave it out for a new folder, or say {name}=FOLDER")
        if given.setdefault(name, value) != value and not name.startswith("~"):
            print(f"{name} is given twice; the last one counts: {name}={value}", file=sys.stderr)
    return ready


def _flags_first(arguments: Sequence[str]) -> list[str]:
    """Flags with their values before all settings, as Hydra's parser wants them; people write `loss=a,b -m seed=1`.

    Raises:
        SettingError: a flag that takes a value is given none.
    """
    flags: list[str] = []
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        flag, equals, value = argument.partition("=")
        if flag not in FLAGS_WITH_VALUE:
            (flags if argument in _FLAGS else others).append(argument)
            continue
        value = value if equals else next(rest, "")
        if not value or (not equals and "=" in value and not Path(value).exists()):
            raise SettingError(f"{flag}: takes a value, as {flag} {_EXAMPLES.get(flag, 'NAME')}")
        # Hydra takes this one from the folder of its caller, and not from the one that the user is in.
        flags += [flag, os.path.abspath(value) if flag in ("--config-path", "-cp") else value]
    return [*flags, *others]


def _check_folders(arguments: Sequence[str]) -> None:
    """Refuse a missing folder or file of the user's configurations: Hydra would ignore it, or print a long message."""
    flags = [(flag, value) for flag, value in pairwise(arguments) if flag in FLAGS_WITH_VALUE]
    folders = [Path(value) for flag, value in flags if flag in FLAGS_OF_FOLDERS]
    if not any(flag in ("--config-path", "-cp") for flag, _ in flags):  # which replaces ours
        folders = [Path(CONF), *folders]
    for flag, value in flags:
        if flag in FLAGS_OF_FOLDERS:
            if not Path(value).is_dir():
                raise SettingError(f"{flag} {value}: there is no such folder")
            if next(Path(value).rglob("*.yaml"), None) is None:
                raise SettingError(f"{flag} {value}: this folder holds no file *.yaml")
        elif flag in FLAGS_OF_NAME:
            file = f"{value.removesuffix('.yaml')}.yaml"
            if not any((folder / file).is_file() for folder in folders):
                raise SettingError(f"{flag} {value}: there is no {file} in {' or '.join(map(str, folders))}")


def _settings(arguments: Sequence[str], command: str) -> Iterator[str]:
    """The arguments that are settings, and not flags or the values of flags.

    Raises:
        SettingError: an argument begins with a dash but is not a flag.
    """
    rest = iter(arguments)
    for argument in rest:
        flag, equals, value = argument.partition("=")
        if argument in FLAGS_WITH_VALUE:
            next(rest, None)
        elif not argument.startswith("-"):
            yield argument
        elif flag not in (*_FLAGS, *FLAGS_WITH_VALUE):
            name = flag.lstrip("-") or "NAME"
            value = value if equals else next(rest, "VALUE")
            advice = synonyms.setting(command, name)
            meant = None if advice is None else synonyms.repeated(advice, "" if value == "VALUE" else value, {})
            advised = f": {name}={value}" if meant is None else f"; {meant.why} {' or '.join(meant.settings)}"
            raise SettingError(f"{flag}: is unknown; settings are typed without dashes{advised}")


def _parsed(argument: str) -> Override:
    """A setting as Hydra reads it.

    Raises:
        SettingError: Hydra cannot read it.
    """
    name, equals, _ = argument.partition("=")
    if equals and not name.strip("+~ "):
        raise SettingError(f"{argument}: lacks the name of a setting; settings are typed as NAME=VALUE")
    try:
        return OverridesParser.create().parse_override(argument)
    except HydraException as error:
        if not equals:
            example = name if _is_known(name) else "NAME"
            problem = f"`{argument}` is not a setting; type settings as {example}=VALUE, without spaces around the ="
        elif not _NAME.fullmatch(name):
            problem = f"{argument}: `{name}` cannot be the name of a setting"
        else:
            problem = f"{argument}: the value cannot be read; text with signs goes in quotes, as \"{name}='...'\""
        raise SettingError(problem) from error


def _is_known(name: str) -> bool:
    """Whether the first part of a name is a setting of some command, or a group of options."""
    tables = (declared.Train, declared.Evaluate, declared.Generate, declared.Export, declared.Demo)
    first = name.partition(".")[0]
    if not first:
        return False
    return any(first in declared.read(table)[0] for table in tables) or Path(CONF, first).is_dir()


def _about_commas(argument: str) -> str:
    """Why several values do not work in a single run, and what does."""
    name, _, value = argument.partition("=")
    if FUNCTION.fullmatch(value):
        return f"{argument}: gives the values of a sweep; add -m"
    if _THOUSANDS.fullmatch(value):
        return f"{argument}: commas separate the values of a sweep; a number has none, as {value.replace(',', '')}"
    group = re.split("[@=]", argument, maxsplit=1)[0].lstrip("+~")
    if Path(CONF, group).is_dir() and group not in declared.ADDING_UP:
        return f"{argument}: takes one option; to try one after the other, add -m"
    return (
        f"{argument}: commas separate the values of a sweep; add -m for a sweep, or say '{name}=[{value}]' for a list"
    )


def _check_group(argument: str, override: Override) -> None:
    """A group takes the name of an option; a list of names only where options add up."""
    group = re.split("[@=]", argument, maxsplit=1)[0].lstrip("+~")
    if override.type is OverrideType.DEL or "." in group or not Path(CONF, group).is_dir():
        return
    if group in declared.ADDED_TO_A_SETTING:
        if not argument.startswith("+") or "@" not in argument:
            example = f"+{group}@NAME={argument.partition('=')[2]}"
            raise SettingError(f"{argument}: is added to the setting that it is for, in the form {example}")
    elif argument.startswith("+"):
        raise SettingError(f"{argument}: {group} has an option already; say {argument.lstrip('+')}")
    values = list(override.sweep_iterator()) if override.is_sweep_override() else [override.value()]
    for value in values:
        plain = value if isinstance(value, list) else [value]
        if not plain or not all(isinstance(name, str) for name in plain):
            raise SettingError(f"{group}={shown(value)}: {declared.options(group)}; leave it out for the usual one")
        if len(plain) > 1 and group not in declared.ADDING_UP:
            raise SettingError(f"{group}={shown(value)}: takes a single option, not several")
        if len(plain) > 1:
            declared.refuse_sets_in_list(group, list(map(str, plain)))


def _check_verbose(argument: str, override: Override) -> None:
    """Refuse a word that names no module: Hydra takes any word as the name of a log, and would show nothing more."""
    if override.key_or_group != "hydra.verbose" or override.type is OverrideType.DEL:
        return
    value = override.value()
    names = value if isinstance(value, list) else [value]
    if not isinstance(value, bool) and not (names and all(map(_is_module, names))):
        raise SettingError(
            f"{argument}: true (show everything), false, or modules whose log to show in full, as "
            "hydra.verbose=gan_lightning or 'hydra.verbose=[hydra,lightning]'"
        )


def _is_module(name: object) -> bool:
    first = str(name).partition(".")[0]
    return isinstance(name, str) and first.isidentifier() and (first in sys.modules or find_spec(first) is not None)
