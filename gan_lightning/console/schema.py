"""The settings of a composed configuration: their types and meanings, and the first that cannot work.

What a class of this package takes, its signature declares (types of `gan_lightning.ranges`) and its docstring explains.
What other classes take, and the settings of a command itself, tables declare (`gan_lightning.console.declared`).
"""

import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Union, get_args, get_origin

from hydra.utils import get_object
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationKeyError, InterpolationToMissingValueError

from gan_lightning.console import declared
from gan_lightning.console.hints import hint, typed
from gan_lightning.console.imports import import_from_here
from gan_lightning.console.outline import outline
from gan_lightning.console.values import fits, is_plain, marked, shown, words
from gan_lightning.errors import SettingError
from gan_lightning.ranges import is_path

_HYDRAS_OWN = {"_target_": str, "_partial_": bool, "_recursive_": bool, "_convert_": Any, "_args_": Any}
_OUTLINED = ("gan_lightning.", *declared.DESCRIBED)
"""Beginnings of the names of classes that are not imported to be asked what they take."""
_REFERENCE = re.compile(r"\$\{([^:${}]+)\}")
MOST_DEEP = 50
"""References that lead to references, before they count as a circle."""


class Unknown(NamedTuple):
    """In place of a value that is known only later, as what is measured on the data."""


class Setting(NamedTuple):
    """One setting of a composed configuration.

    Attributes:
        name: as it is typed; where the value is another setting's, that one's.
        kind: its type; None if its class takes no such setting, and `of` says what that takes.
        value: plain data, or `Unknown`.
        meaning: a sentence, or nothing.
        of: the class that takes it.
    """

    name: str
    kind: Any
    value: Any
    meaning: str
    of: str


class _Takes(NamedTuple):
    kinds: Mapping[str, Any]
    required: Sequence[str]
    meanings: Mapping[str, str]
    is_open: bool


def check(config: DictConfig, command: type) -> None:
    """Refuse the first setting that cannot work, before anything is built.

    The packages that the setting `trusted` names may be imported from here on, and are described by the signatures of
    their classes, as this package's own are.

    Args:
        config: composed; what it refers to may be missing still.
        command: the table of the command's own settings, of `declared`.

    Raises:
        SettingError: it names the setting, what was given and what is allowed.
    """
    kinds, _ = declared.read(command)
    trusted = config.get("trusted", [])
    listed = OmegaConf.to_container(trusted) if OmegaConf.is_config(trusted) else trusted
    reason = fault(Setting("trusted", kinds.get("trusted", Any), listed, "", ""))
    if reason is not None:
        raise SettingError(reason)
    import_from_here(trusted)
    _refuse_unread(config, kinds)
    for setting in settings(config, command, trusted):
        reason = fault(setting)
        if reason is not None:
            raise SettingError(reason)


def _refuse_unread(config: DictConfig, kinds: Mapping[str, Any]) -> None:
    """Refuse what nobody reads: settings that the command does not have, and that no other setting refers to."""
    plain: Any = OmegaConf.to_container(config, resolve=False)
    for name in plain:
        if name not in kinds and name != "hydra" and not re.search(rf"\$\{{{re.escape(str(name))}[.}}]", str(plain)):
            raise SettingError(
                f"{name}: there is no such setting; one of your own is allowed only if another setting refers to it"
            )


def fault(setting: Setting) -> str | None:
    """A sentence if the setting cannot work."""
    name, kind, value, _, of = setting
    if kind is None:
        return declared.UNUSED.get(name, f"{name}: there is no such setting; {of}")
    if isinstance(kind, declared.Refused):
        return f"{name}: is not used here; {kind.instead}"
    if isinstance(kind, declared.Measured):
        return None if value == "???" else f"{name}={shown(value)}: is measured on the data; leave it out"
    if isinstance(value, Unknown) or kind is Any:
        return None
    if value == "???":
        return f"{name}: has no value yet; say {name}=..."
    if isinstance(kind, declared.Group):
        return _fault_of_group(name, kind, value)
    if is_plain(kind):
        if fits(kind, value) or (of and is_path(kind) and _is_built(value)):
            return None  # a path may be that of something downloaded
        return f"{name}={typed(value)}: {words(kind, value)}{hint(name, kind, value)}"
    return _fault_of_part(name, kind, value)


def settings(config: DictConfig, command: type, trusted: Sequence[str] = ()) -> Iterator[Setting]:
    """All settings of a composed configuration: the command's own, then those of each class that it names."""
    tree = _Tree(config)
    kinds, meanings = declared.read(command)
    for name, kind in kinds.items():
        where, value = tree.get(name, tree.plain.get(name))
        yield Setting(where, kind, value, meanings.get(name, ""), "")
    for name, value in tree.plain.items():
        if isinstance(kind := kinds.get(str(name)), declared.Group) and kind.may_be_null:
            continue  # a checkpoint completes it, and then it is checked
        yield from _below(tree, *tree.get(str(name), value), trusted, 0)


def _below(tree: "_Tree", name: str, node: Any, trusted: Sequence[str], depth: int) -> Iterator[Setting]:
    """The settings below a node: those of the class that it names, and of the nodes in it."""
    if depth > MOST_DEEP:
        raise SettingError(f"{name}: refers to itself")
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    target = node.get("_target_") if isinstance(node, dict) else None
    takes = _takes(target, tuple(trusted)) if isinstance(target, str) else None
    for label, raw in children:
        key = str(label)
        where, value = tree.get(f"{name}.{key}", raw)
        if key in _HYDRAS_OWN and isinstance(node, dict):
            yield Setting(where, _HYDRAS_OWN[key], value, "", "")
            continue
        if takes is not None and key in takes.kinds:
            yield Setting(where, takes.kinds[key], tree.items(where, value), takes.meanings.get(key, ""), str(target))
        elif takes is not None and not takes.is_open:
            yield Setting(f"{name}.{key}", None, value, "", f"{target} takes {', '.join(takes.kinds)}")
        yield from _below(tree, where, value, trusted, depth + 1)
    if takes is not None and not node.get("_partial_"):
        for key in takes.required:
            if key not in node:
                yield Setting(f"{name}.{key}", takes.kinds[key], "???", "", str(target))


class _Tree:
    """A configuration as plain data, whose references are followed one by one, so that each value has its own name."""

    def __init__(self, config: DictConfig) -> None:
        self.config = config
        plain: Any = OmegaConf.to_container(config, resolve=False)
        self.plain: dict[str, Any] = {key: value for key, value in plain.items() if key != "hydra"}

    def get(self, name: str, raw: Any, depth: int = 0) -> tuple[str, Any]:
        """The value of a setting and its name, which is another's where it refers to that one."""
        if depth > MOST_DEEP:
            raise SettingError(f"{name}: refers to itself")
        if not isinstance(raw, str) or "${" not in raw:
            return name, raw
        reference = _REFERENCE.fullmatch(raw)
        if reference is None:
            return name, self._resolved(name)
        found = self._find(reference.group(1), depth + 1)
        return (name, found) if isinstance(found, Unknown) else found

    def items(self, name: str, value: Any) -> Any:
        """A list with the values that its items refer to; `Unknown` if one of them is."""
        if not isinstance(value, list):
            return value
        items = [self.get(f"{name}.{i}", item)[1] for i, item in enumerate(value)]
        return next((item for item in items if isinstance(item, Unknown)), items)

    def _find(self, path: str, depth: int) -> tuple[str, Any] | Unknown:
        name = ""
        node: Any = self.plain
        for part in path.split("."):
            if isinstance(node, list) and part.isdecimal() and int(part) < len(node):
                node = node[int(part)]
            elif isinstance(node, dict) and part in node:
                node = node[part]
            else:
                return Unknown()
            name, node = self.get(f"{name}.{part}" if name else part, node, depth)
        # Facts that are measured on the data are not settings of the user's.
        return Unknown() if name.partition(".")[0] == "spec" or node == "???" else (name, node)

    def _resolved(self, name: str) -> Any:
        try:
            value = OmegaConf.select(self.config, name)
        except (InterpolationKeyError, InterpolationToMissingValueError):
            return Unknown()
        return OmegaConf.to_container(value) if OmegaConf.is_config(value) else value


def _takes(target: str, trusted: tuple[str, ...]) -> _Takes | None:
    """What a class or function takes; None where nothing is known of it."""
    own = target.startswith(("gan_lightning.", *(f"{package.partition('.')[0]}." for package in trusted)))
    if not own and not target.startswith(declared.DESCRIBED):
        return None
    try:
        made: Callable[..., Any] = outline(target) if target.startswith(_OUTLINED) else get_object(target)
        parameters = inspect.signature(made, eval_str=True).parameters
    except Exception:  # there is no such class; the error comes when it is built
        return None
    named = {
        name: part for name, part in parameters.items() if part.kind not in (part.VAR_KEYWORD, part.VAR_POSITIONAL)
    }
    table, meanings = declared.of_class(target)
    kinds = {name: table.get(name, part.annotation if own else Any) for name, part in named.items()}
    # Without an annotation any value is allowed, and a table overrides an annotation.
    kinds = {name: Any if kind is inspect.Parameter.empty else marked(kind) for name, kind in kinds.items()}
    required = [name for name, part in named.items() if part.default is part.empty] if own else []
    return _Takes(kinds, required, {**explained(made), **meanings}, len(named) < len(parameters))


@cache
def explained(made: Callable[..., Any]) -> dict[str, str]:
    """What the docstring of a class and of those above it say of each argument."""
    found: dict[str, str] = {}
    classes: Sequence[Any] = made.__mro__ if isinstance(made, type) else [made]
    for owner in reversed([owner for owner in classes if owner.__module__.partition(".")[0] != "builtins"]):
        section = re.search(r"\n *(?:Args|Attributes):\n(.*?)(?:\n\n|\Z)", f"{inspect.getdoc(owner) or ''}\n\n", re.S)
        for line in re.findall(r"^ {4}(\w[\w, ]*): (.*(?:\n {5,}.*)*)", section.group(1) if section else "", re.M):
            found.update({name.strip(): " ".join(line[1].split()) for name in line[0].split(",")})
    return found


def _fault_of_group(name: str, group: declared.Group, value: Any) -> str | None:
    if value is None and group.may_be_null:
        return None
    if isinstance(value, dict):
        if group.is_part and not _is_built(value):
            return f"{name}={shown(value)}: lacks its `_target_`, the class that is built"
        bare = [key for key, part in value.items() if group.of_parts and not _is_built(part)]
        return f"{name}.{bare[0]}={shown(value[bare[0]])}: must be settings with a `_target_`" if bare else None
    return f"{name}={shown(value)}: {declared.options(group.folder or name)}"


def _fault_of_part(name: str, kind: Any, value: Any) -> str | None:
    """Whether a value describes the object, or the objects by name or in a list, that a class asks for."""
    alternatives = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    if any(is_plain(part) and fits(part, value) for part in alternatives):
        return None
    if value is None:
        return f"{name}=null: cannot be left out"
    wanted = next(part for part in alternatives if not is_plain(part))
    if get_origin(wanted) is Mapping and isinstance(value, dict) and "_target_" not in value:
        inner = [(str(key), child, get_args(wanted)[1]) for key, child in value.items()]
    elif get_origin(wanted) in (Sequence, list) and isinstance(value, list):
        inner = [(str(key), child, get_args(wanted)[0]) for key, child in enumerate(value)]
    elif _is_built(value) and get_origin(wanted) not in (Mapping, Sequence, list):
        return None
    else:
        return f"{name}={shown(value)}: needs {_described(wanted)}, as the files in conf/ have"
    faults = (fault(Setting(f"{name}.{key}", of, child, "", "")) for key, child, of in inner)
    return next((found for found in faults if found is not None), None)


def _described(wanted: Any) -> str:
    if get_origin(wanted) is Mapping:
        return "settings by name, each with a `_target_`"
    return "a list of settings with a `_target_`" if get_origin(wanted) in (Sequence, list) else "a `_target_`"


def _is_built(value: Any) -> bool:
    return isinstance(value, Unknown) or (isinstance(value, dict) and "_target_" in value)
