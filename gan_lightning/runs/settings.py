"""In which settings runs differ, and which of them differ in their seed only."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gan_lightning.nested import leaves
from gan_lightning.runs.found import Run

_ELSEWHERE = {
    "callbacks",
    "logger",
    "command",
    "resume",
    "skip_done",
    "objectives",
    "trusted",
    "hydra",
    "default_root_dir",
    "images_per_update",
}
"""Where a run writes, what it tells, and what follows from other settings: not what a run was asked to do."""
_FOLDERS = ("run_dir", "cache_dir", "data_dir")

DEFAULT = "default"
"""The value of a group that a run did not choose, where another run did."""

MOST_COLUMNS = 100
"""Settings that a table shows; more would be the work of a foreign file."""


def columns(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """The settings in which runs differ, by their full dotted name, with the value of each run.

    A setting counts if it was typed, or if it differs between runs that were typed alike (by another version of the
    code, say); what follows from another choice, as a learning rate does from `model=wgan_gp`, does not. `seed` is
    always there, and last.
    """
    chosen = [_chosen(run) for run in runs]
    names = list(dict.fromkeys(name for choices in chosen for name in choices if name != "seed"))[:MOST_COLUMNS]
    table = {name: [_value(run, choices, name) for run, choices in zip(runs, chosen, strict=True)] for name in names}
    # Of a run without a configuration it is not known what it was asked to do.
    values_of = {
        name: {
            repr(value)
            for run, choices, value in zip(runs, chosen, values, strict=True)
            if run.config or name in choices
        }
        for name, values in table.items()
    }
    differing = {name: values for name, values in table.items() if len(values_of[name]) > 1}
    seeds = [_value(run, choices, "seed") for run, choices in zip(runs, chosen, strict=True)]

    flat = [_flat(run.config) for run in runs]
    known = [i for i, config in enumerate(flat) if config]
    for name in sorted({name for config in flat for name in config}, key=lambda name: (name.count("."), name)):
        if len(differing) >= MOST_COLUMNS:
            break
        alike: dict[str, set[str]] = defaultdict(set)
        for i in known:
            alike[repr([[values[i] for values in differing.values()], seeds[i]])].add(repr(flat[i].get(name)))
        if name != "seed" and any(len(values) > 1 for values in alike.values()):
            differing[name] = [config.get(name) for config in flat]
    return {**differing, "seed": seeds}


def in_common(runs: Sequence[Run]) -> dict[str, Any]:
    """What was typed for every run, with the same value."""
    chosen = [_chosen(run) for run in runs]
    table = {
        name: [_value(run, choices, name) for run, choices in zip(runs, chosen, strict=True)]
        for name in chosen[0]
        if all(name in choices for choices in chosen)
    }
    return {name: values[0] for name, values in table.items() if len(set(map(repr, values))) == 1}


def groups(runs: Sequence[Run]) -> list[int]:
    """For each run a number that it shares with the runs whose whole configuration differs in the seed only.

    A run that failed before it had written its configuration belongs to those that were typed alike.
    """
    flat = [_flat(run.config) for run in runs]
    # What follows the seed wherever it goes; a seed of something else, as of a classifier, stays a setting.
    following = {
        name
        for config in flat
        for name in config
        if name.rpartition(".")[2] == "seed" and all(other.get(name) == other.get("seed") for other in flat)
    }
    numbers: dict[str, int] = {}
    by_typed: dict[str, int] = {}
    made: list[int | None] = []
    keys = [repr(sorted((name, text) for name, text in _chosen(run).items() if name != "seed")) for run in runs]
    for config, key in zip(flat, keys, strict=True):
        if not config:
            made.append(None)
            continue
        whole = json.dumps({name: value for name, value in config.items() if name not in following}, sort_keys=True)
        made.append(numbers.setdefault(whole, len(numbers)))
        by_typed.setdefault(key, numbers[whole])
    for key, number in zip(keys, made, strict=True):
        if number is None:
            by_typed.setdefault(key, len(set(by_typed.values()) | set(numbers.values())))
    return [by_typed[key] if number is None else number for key, number in zip(keys, made, strict=True)]


def shortened(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """The shortest ends of dotted names that tell each from all others: `lr`, or `generator.lr`."""
    names = list(names)
    ends = {name: [".".join(name.split(".")[-n:]) for n in range(1, name.count(".") + 2)] for name in names}
    counts: dict[str, int] = defaultdict(int)
    for end in [*(end for several in ends.values() for end in several), *taken]:
        counts[end] += 1
    return {name: next((end for end in ends[name] if counts[end] == 1), name) for name in names}


_FLAGS_WITH_VALUE = ("--config-dir", "--config-path", "--config-name")


def typed(overrides: Sequence[str]) -> dict[str, str]:
    """Settings of a command line by their names, `none` where one was removed; the last of a name counts."""
    found = {}
    previous = ""
    for override in overrides:
        name, _, value = override.partition("=")
        if not name.startswith("-") and previous not in _FLAGS_WITH_VALUE:
            found[name.lstrip("+~")] = "none" if override.startswith("~") else value
        previous = override
    return found


def _chosen(run: Run) -> dict[str, str]:
    """What was typed for a run and says what it does."""
    elsewhere = _ELSEWHERE | set(_FOLDERS)
    return {name: value for name, value in typed(run.overrides).items() if name.split(".")[0] not in elsewhere}


def _value(run: Run, chosen: Mapping[str, str], name: str) -> Any:
    """A number or name as it was composed; of a group, such as `loss`, the choice that was typed."""
    node: Any = run.config
    for part in name.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    if isinstance(node, dict):
        return chosen.get(name, DEFAULT)
    if node is not None or name not in chosen:
        return _leaf(node)
    return _number(chosen[name])


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration by dotted names; an object by the name of its class."""
    places = [str(config[name]) for name in _FOLDERS if name in config]
    flat = {}
    for path, value in leaves(config):
        is_place = isinstance(value, str) and any(f"{value}/".startswith(f"{place}/") for place in places)
        if is_place or value == {} or any(key in _ELSEWHERE or key in _FOLDERS for key in path):
            continue
        *above, last = path
        if last == "_target_":
            flat[".".join(above)] = str(value).rpartition(".")[2]
        elif not any(key.startswith("_") for key in path):
            flat[".".join(path)] = _leaf(value)
    return flat


def _leaf(node: Any) -> Any:
    return f"[{','.join(map(str, node))}]" if isinstance(node, list) else node
