"""What the configuration inside a checkpoint may name, and how much it may ask of this machine.

A checkpoint may come from a stranger. Its configuration is code as soon as it is instantiated, and its numbers are
work.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from gan_lightning.errors import SettingError

# All that a part may name.
_ALLOWED = {
    "model": (
        "gan_lightning.augment",
        "gan_lightning.losses",
        "gan_lightning.models",
        "gan_lightning.networks",
        "torch.optim",
    ),
    "dataset": ("gan_lightning.data", "torchvision.datasets"),
    "metrics": ("gan_lightning.metrics",),
}
# The only functions among them; all others are classes.
_FUNCTIONS = ("download", "fashion_mnist")

_DEEPEST, _MOST_NODES = 50, 100_000
_MOST = {"resolution": 4096, "load": 4096, "batch_size": 2**16, "evaluation_batch_size": 2**16, "num_workers": 64}
_MOST_BYTES = {"memory_limit": 2**36}
_MOST_OF_ANYTHING = 10**6
_DRAWN = ("num_train", "num_test", "size")
_MOST_DRAWN = 2**32
"""Bytes of the pictures that a checkpoint's data set may draw."""


def refuse_untrusted(config: Mapping[str, Any], part: str, trusted: Sequence[str]) -> None:
    """Check one part of a configuration from a checkpoint before anything in it is instantiated.

    Args:
        config: the whole configuration.
        part: `model`, `dataset` or `metrics`. Each may name the public classes of its own packages only: a
            model cannot ask for a download.
        trusted: full names of other classes or functions that are allowed, or packages of the user's whose
            own classes are.

    Raises:
        SettingError: the part is missing, is not plain data, holds an interpolation (a saved configuration
            is resolved), names another class, or holds Hydra's keys for arguments without a name.
    """
    if part not in config:
        raise SettingError(f"the checkpoint's configuration has no part `{part}`; gan-train did not write it")
    for node in nodes(config[part]):
        target = node.get("_target_")
        own = target is None or (isinstance(target, str) and _is_public(target, part))
        if not (own or (isinstance(target, str) and (target in trusted or _defined_below(target, trusted)))):
            raise SettingError(
                f"the checkpoint's configuration names {target}, which a {part} may not; "
                f"{_how_to_allow(target, trusted)}"
            )
        if target is not None and target.startswith("torchvision.") and "root" not in node:
            raise SettingError(f"the checkpoint's configuration gives {target} no root; gan-train did not write it")
        _check_special_keys(node, own)


def _check_special_keys(node: Mapping[str, Any], own: bool) -> None:
    """Refuse what Hydra would read otherwise than as an argument by name; the user's own classes may have it."""
    expected = {"_target_": str, "_partial_": bool, "_convert_": str}
    for key, value in node.items():
        if not re.fullmatch("_.*_", key) or (not own and key in ("_args_", "_recursive_")):
            continue
        if not isinstance(value, expected.get(key, ())):
            raise SettingError(
                f"the checkpoint's configuration holds {key}={value!r:.40}, which gan-train does not write for "
                f"{node.get('_target_', 'a group of settings')}"
            )


def refuse_large_pictures(model: Any) -> None:
    """Check the size of the pictures that a model from a checkpoint would make: a few weights can enlarge without end.

    Raises:
        SettingError: it is beyond what this package's networks are for.
    """
    for path, value in _numbers(model):
        if path[-1] == "resolution" and value > _MOST["resolution"]:
            raise SettingError(f"the checkpoint's model makes pictures of {value} pixels a side, more than 4096")


def refuse_absurd_numbers(part: str, saved: Any, given: Any) -> None:
    """Check what data or scores from a checkpoint would ask of this machine, before anything is instantiated.

    Args:
        part: `dataset` or `metrics`, for the message.
        saved: the checkpoint's, plain data.
        given: what the command line says instead, which the user answers for.

    Raises:
        SettingError: a number is beyond what training needs.
    """
    numbers = [(path, value) for path, value in _numbers(saved) if at(given, path) is None]
    for path, value in numbers:
        most = _MOST_BYTES.get(path[-1]) or _MOST.get(path[-1], _MOST_OF_ANYTHING)
        if path[-1] != "seed" and abs(value) > most:
            raise SettingError(
                f"the checkpoint's {part} asks for {'.'.join(path)}={value}, more than {most:,}; if you want that, say "
                f"+{part}.{'.'.join(path)}={value}"
            )
    side = next((value for path, value in _numbers(saved) if path == ("resolution",)), 1)
    for path, value in numbers:
        if path[-1] in _DRAWN and 3 * value * side**2 > _MOST_DRAWN:
            raise SettingError(
                f"the checkpoint's {part} asks for {'.'.join(path)}={value} pictures of {side} pixels a side, more "
                f"than {_MOST_DRAWN // 2**30} GB; if you want that, say +{part}.{'.'.join(path)}={value}"
            )


def _numbers(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int | float]]:
    """Every number in plain data that was checked, with its dotted name; those of a list have the list's."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _numbers(child, (*path, key))
    elif isinstance(node, list):
        for child in node:
            yield from _numbers(child, path)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield path, node


def at(node: Any, path: Sequence[str]) -> Any:
    """What stands in plain data under a dotted name, or None."""
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def settings(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every setting of a dictionary with its value; of a list, each value. Dictionaries in it are left out."""
    for key, child in node.items():
        for value in child if isinstance(child, list) else [child]:
            if not isinstance(value, dict | list):
                yield key, value


def nodes(root: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in plain data; whatever else a pickle might hold is refused.

    What is shared counts each time, because instantiating would build it each time.
    """
    waiting = [(root, 0)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if depth > _DEEPEST or seen > _MOST_NODES:
            raise SettingError(
                f"the checkpoint's configuration is deeper than {_DEEPEST} levels or has more than {_MOST_NODES:,} "
                "settings, which only a foreign one would"
            )
        if type(node) is dict:
            for key in node:
                if type(key) is not str:
                    raise SettingError(f"the checkpoint's configuration holds the key {key!r:.80}, which is not a name")
            yield node
            waiting += [(child, depth + 1) for child in node.values()]
        elif type(node) is list:
            waiting += [(child, depth + 1) for child in node]
        elif type(node) is str:
            if "${" in node:
                raise SettingError(f"the checkpoint's configuration holds {node!r:.80}, which only a foreign one would")
        elif node is not None and type(node) not in (int, float, bool):
            raise SettingError(
                f"the checkpoint's configuration holds a {type(node).__name__}, which only a foreign one would"
            )


def _is_public(target: str, part: str) -> bool:
    package, _, name = target.rpartition(".")
    if package not in _ALLOWED[part] or name not in getattr(import_module(package), "__all__", ()):
        return False
    return isinstance(getattr(import_module(package), name), type) or name in _FUNCTIONS


def _defined_below(target: str, roots: Sequence[str]) -> bool:
    """Whether `target` names something that a module below one of the packages `roots` itself defines."""
    if not _is_below(target, roots):
        return False
    module, _, name = target.rpartition(".")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError):
        return False
    return any(f"{getattr(found, '__module__', '')}.".startswith(f"{root}.") for root in roots)


def _is_below(target: str, roots: Sequence[str]) -> bool:
    return any(target == root or target.startswith(f"{root}.") for root in roots)


def _how_to_allow(target: Any, trusted: Sequence[str]) -> str:
    """What lets a class be named; where `trusted` names it already, why that did not help."""
    if not isinstance(target, str) or not _is_below(target, trusted):
        return f"if you know what it does and trust the file's origin, allow it with 'trusted=[{target}]'"
    module, _, name = target.rpartition(".")
    given = f"'trusted=[{','.join(trusted)}]'"
    try:
        found = import_module(module)
    except ImportError as error:
        return f"{given} allows it, but {module} cannot be imported ({error}); install it, or start from its folder"
    if name not in vars(found):
        return f"{given} allows it, but {module} has no {name}"
    return f"{given} allows what its packages define themselves, and {name} comes from elsewhere"
