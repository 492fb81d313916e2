"""Values of settings as text for Hydra and for a shell: paths and names of classes are quoted."""

import os
import re
from collections.abc import Sequence
from functools import cache
from inspect import signature
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser

from gan_lightning import shell
from gan_lightning.console import declared
from gan_lightning.console.outline import outlines
from gan_lightning.ranges import is_path

SWEEP = ("-m", "--multirun")
HYDRAS_FOLDERS = ("hydra.run.dir", "hydra.sweep.dir")
# What a group's classes are called, by the first part of the names of their settings.
_PACKAGES = {"dataset": "data", "metrics": "metrics", "logger": "loggers", "callbacks": "callbacks"}
QUESTION_MARKS = "\\???"
"""How the class `???` is handed on, because OmegaConf takes its name for a missing value."""
_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")
_CLASS_IN_LIST = re.compile(rf"\s*(?:{_QUOTED.pattern})|[^,]+")
_NUMBERS = r"\[\s*-?\d+\s*(,\s*-?\d+\s*)*\]"
_LISTS_OF_NUMBERS = re.compile(rf"\[\s*{_NUMBERS}\s*(,\s*{_NUMBERS}\s*)*\]", re.ASCII)
FUNCTION = re.compile(r"(choice|range|interval|glob|shuffle|sort|tag|extend_list|str|int|float|bool|json_str)\(.*\)")
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


def typed(words: Sequence[str]) -> str:
    """A command for a shell, from words as Hydra takes them. Quotes that `prepared` would add are left out."""
    is_sweep = bool(set(SWEEP) & set(words))
    return shell.line(_with_text_bare(word, is_sweep) for word in words)


def _with_text_bare(argument: str, is_sweep: bool) -> str:
    """A setting without the quotes that `with_text_quoted` puts around its value."""
    name, _, value = argument.partition("=")
    if value[:1] not in ("'", '"'):
        return argument
    bare = f"{name}={unquoted(argument)}"
    return bare if with_text_quoted(bare, is_sweep) == argument else argument


@cache
def is_path_setting(name: str) -> bool:
    """Whether a setting of that name takes a path, by the tables of the commands and the signatures of classes."""
    if name in HYDRAS_FOLDERS:
        return True
    group, _, last = name.partition(".")[0], *name.rpartition(".")[1:]
    if "." not in name:
        tables = (declared.Train, declared.Evaluate, declared.Generate, declared.Export)
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
    kinds, _ = declared.read(declared.ModelCheckpoint)
    public = outlines(f"gan_lightning.{_PACKAGES[group]}")
    parameters = [part for made in public for part in signature(made).parameters.values()]
    return frozenset(part.name for part in parameters if is_path(part.annotation)) | (
        {name for name, kind in kinds.items() if is_path(kind)} if group == "callbacks" else set()
    )


def with_text_quoted(argument: str, is_sweep: bool) -> str:
    """A setting that is a path, a class or a list of them, quoted unless it is already.

    A path with an interpolation is left as it is; a class is called `${x}`.
    """
    name, equals, value = argument.partition("=")
    if equals and name == "labels" and not is_sweep:
        return f"{name}={_classes_quoted(value)}"
    if equals and name == "caption" and not is_sweep and value[:1] not in ("", "[", "'", '"') and value != "null":
        return f"{name}={_class_quoted(value)}"  # a sentence may have commas
    if not equals or value in ("", "null") or "${" in value or _QUOTED.fullmatch(value):
        return argument
    if is_sweep and value[0] in "'\"":
        return argument
    if not is_path_setting(name.lstrip("+~")):
        return argument
    if is_sweep and (("," in value and not Path(value).exists()) or FUNCTION.fullmatch(value)):
        return argument  # there commas separate, and functions give several values
    if name == "checkpoint" and value.startswith("[") and value.endswith("]") and not Path(value).exists():
        paths = [path.strip() for path in value[1:-1].split(",")]
        if any(path[:1] in ("'", '"', "") for path in paths):
            return argument
        return f"{name}=[{','.join(quoted(os.path.expanduser(path)) for path in paths)}]"
    return f"{name}={quoted(os.path.expanduser(value))}"


def _classes_quoted(value: str) -> str:
    """Classes as they are typed: each is text, though Hydra would read `01`, `1e3`, `yes` or `~` otherwise.

    Lists of numbers in a list are combinations of attributes, and stay what they are.
    """
    if value in ("", "null", "[]") or _LISTS_OF_NUMBERS.fullmatch(value):
        return value
    if value[0] in "'\"":
        return _class_quoted(value)
    if not (value.startswith("[") and value.endswith("]")):
        return _class_quoted(value)
    return f"[{','.join(_class_quoted(name.strip()) for name in _CLASS_IN_LIST.findall(value[1:-1]))}]"


def _class_quoted(name: str) -> str:
    if name in ("???", "'???'", '"???"'):
        return quoted(QUESTION_MARKS)
    return name if name[:1] in ("'", '"') else quoted(name.replace("${", "\\${"))
