"""Files of a run's folder, read as if a stranger had filled it.

A folder that was downloaded, unpacked or damaged may hold links, pipes, devices, huge files and text that expands when
it is parsed. Whatever a table or a report shows of a folder passes through here: regular files inside the folder, of a
bounded size, as plain data of a bounded depth.
"""

import json
import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import yaml

DEEPEST = 50
"""Levels of nested lists and mappings."""
MOST_NODES = 100_000
"""Values in a YAML file."""
_MOST_TYPED = 1_000  # settings of a command line
_EXACT_DIGITS = 15  # a longer whole number is read as a float, which has no more digits and any size

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML may have been built without its fast parser
_TAG = "tag:yaml.org,2002:"
_NUMBERS = {f"{_TAG}{name}" for name in ("int", "float", "bool", "null")}
_KNOWN = _NUMBERS | {f"{_TAG}{name}" for name in ("str", "seq", "map")}


class UnreadableError(ValueError):
    """Why a file is not read; the message does not hold its name."""


@contextmanager
def open_inside(folder: Path, name: str | Path) -> Iterator[BinaryIO]:
    """Open a regular file of a folder; links that lead out of the folder are not followed.

    Raises:
        FileNotFoundError: there is no such file.
        UnreadableError: it is not a regular file inside of the folder, or may not be read.
    """
    if not os.path.lexists(folder / name):
        raise FileNotFoundError(str(name))
    try:
        path = os.path.realpath(folder / name, strict=True)
        if not Path(path).is_relative_to(os.path.realpath(folder)):
            raise UnreadableError("a link that leads out of the run's folder")
        _check_regular(os.stat(path))  # before it is opened, because opening a device may already do something
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise UnreadableError(error.strerror or type(error).__name__) from error
    with os.fdopen(descriptor, "rb") as file:
        _check_regular(os.fstat(descriptor))  # it may have been exchanged since
        yield file


def _check_regular(facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise UnreadableError("not a regular file")


def read_inside(folder: Path, name: str | Path, most: int) -> bytes:
    """The whole content of a file that `open_inside` opens.

    Args:
        folder: of the run.
        name: of the file, relative to it.
        most: bytes that are read.

    Raises:
        FileNotFoundError: there is no such file.
        UnreadableError: as for `open_inside`, or it is larger.
    """
    with open_inside(folder, name) as file:
        try:
            content = file.read(most + 1)
        except OSError as error:
            raise UnreadableError(error.strerror or type(error).__name__) from error
    if len(content) > most:
        raise UnreadableError(f"larger than {most / 1e6:g} MB")
    return content


def text_of(content: bytes) -> str:
    """UTF-8 as text.

    Raises:
        UnreadableError: it is not UTF-8.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UnreadableError("not UTF-8") from error


def parsed_json(text: str) -> Any:
    """JSON as plain data, in which every number fits a float.

    Raises:
        UnreadableError: it is no JSON, or nested more than `DEEPEST` levels.
    """
    try:
        data = json.loads(text, parse_int=_whole)
    except RecursionError as error:
        raise UnreadableError("nested too deeply") from error
    except ValueError as error:
        raise UnreadableError("no JSON") from error
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        level = [child for node in level for child in _children(node)]
    if level:
        raise UnreadableError("nested too deeply")
    return data


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _EXACT_DIGITS else float(digits)


def _children(node: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []


def parsed_yaml(text: str) -> Any:
    """YAML as plain data: lists, mappings with text as keys, text, numbers, booleans and null.

    Built from the parser's events, so that nothing is expanded or constructed that is not plain.

    Raises:
        UnreadableError: it is no YAML, holds anything else (aliases, dates, sets, other tags), is nested more than
            `DEEPEST` levels or has more than `MOST_NODES` values.
    """
    values = yaml.SafeLoader("")
    finished: list[Any] = []  # one for each document
    open_nodes: list[Any] = []
    keys: list[str | None] = []  # of each open node: the key whose value comes next; None for lists, or before a key
    try:
        for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
            if count > MOST_NODES:
                raise UnreadableError(f"more than {MOST_NODES:,} values")
            if isinstance(event, yaml.AliasEvent):
                raise UnreadableError("an alias, which gan-train does not write")
            if isinstance(event, yaml.CollectionEndEvent):
                node = open_nodes.pop()
                keys.pop()
            elif isinstance(event, yaml.ScalarEvent):
                node = _scalar(event, values)
            elif isinstance(event, yaml.CollectionStartEvent):
                _check_tag(event.tag)
                if len(open_nodes) == DEEPEST:
                    raise UnreadableError("nested too deeply")
                open_nodes.append({} if isinstance(event, yaml.MappingStartEvent) else [])
                keys.append(None)
                continue
            else:  # where a stream or a document begins or ends
                continue
            if not open_nodes:
                finished.append(node)
            elif isinstance(open_nodes[-1], list):
                open_nodes[-1].append(node)
            elif keys[-1] is not None:
                open_nodes[-1][keys[-1]] = node
                keys[-1] = None
            elif isinstance(node, dict | list):
                raise UnreadableError("a key that is not a name")
            else:
                keys[-1] = str(node)
    except yaml.YAMLError as error:
        raise UnreadableError("no YAML") from error
    if len(finished) > 1:
        raise UnreadableError("several documents")
    return finished[0] if finished else None


def _scalar(event: yaml.ScalarEvent, values: yaml.SafeLoader) -> Any:
    _check_tag(event.tag)
    tag = event.tag or values.resolve(yaml.ScalarNode, event.value, event.implicit)
    if tag == f"{_TAG}timestamp":  # gan-train writes text that looks like one in quotes
        raise UnreadableError("a date, which gan-train does not write")
    if tag not in _NUMBERS:
        return event.value
    try:
        value = values.construct_object(yaml.ScalarNode(tag, event.value))
    except (ValueError, KeyError, OverflowError) as error:
        raise UnreadableError("a number that is none") from error
    if type(value) is not int or abs(value) < 10**_EXACT_DIGITS:
        return value
    try:
        return float(value)
    except OverflowError:  # as long decimal digits become, too; a long 0x1234 cannot be written with those
        return math.inf if value > 0 else -math.inf


def _check_tag(tag: str | None) -> None:
    if tag is not None and tag not in _KNOWN:
        raise UnreadableError(f"the tag {tag.removeprefix(_TAG)[:40]}, which gan-train does not write")


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value of a file is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_command_line(value: Any) -> bool:
    """Whether a value of a file is the list of what was typed, of a bounded length."""
    return isinstance(value, list) and len(value) <= _MOST_TYPED and all(isinstance(part, str) for part in value)
