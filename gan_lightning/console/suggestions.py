"""Suggestions for misspelled settings and options."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from hydra.errors import ConfigCompositionException, MissingConfigException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, InterpolationKeyError, OmegaConfBaseException

from gan_lightning import shell
from gan_lightning.console import declared, synonyms
from gan_lightning.console.advice import Advice
from gan_lightning.console.config import CONF
from gan_lightning.console.quoting import typed

MOST = 3

EXTRAS = ("joblib", "submitit", "optuna")
"""Extras of this package, each named as the plugin of Hydra that it brings."""


def better(error: BaseException, arguments: Sequence[str] = (), command: str = "train") -> str | None:
    """A sentence with the nearest valid settings or options; None if `error` is not a misspelling.

    Args:
        error: what Hydra made of a command line.
        arguments: the command line, whose values a suggestion repeats.
        command: `train`, `evaluate`, `generate` or `export`.
    """
    cause = error.__cause__
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        name = error.missing_cfg_file
        # An option of Hydra's own groups is in none of its folders; loss=f_gan/kl is in one.
        group, _, option = name.rpartition("/") if name.startswith("hydra/") else name.partition("/")
        if error.options is not None or Path(CONF, group).is_dir():
            beside = error.options or sorted(path.stem for path in Path(CONF, group).glob("*.yaml"))
            return _of_option(group, option, [*beside, *_nested(group)])
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and isinstance(cause.parent_node, DictConfig):
        return _of_key(str(cause.full_key), cause.parent_node, arguments, command)
    unknown = re.match(r"Could not override '([^']+)'\. No match", str(error))
    if unknown is not None:
        if chosen := _that_bring(unknown[1]):
            return _of_brought(unknown[1], chosen)
        advice = synonyms.setting(command, unknown[1])
        advised = "" if advice is None else f"; {_sentence(advice)}"
        return f"{unknown[1]}: gan-{command} has no such group{advised}"
    if isinstance(error, ConfigCompositionException) and isinstance(cause, OmegaConfBaseException):
        return f"{' '.join(str(error).split())}: {str(cause).splitlines()[0]}"
    if isinstance(error, InterpolationKeyError):
        name = f"{error.full_key}: " if error.full_key else ""
        return f"{name}a setting refers to another one that is not there ({str(error).splitlines()[0]})"
    return None


def install(name: str) -> str | None:
    """How to install the plugin that an option or a class of Hydra's needs; None if it is none of the extras."""
    extra = next((extra for extra in EXTRAS if extra in name), None)
    return None if extra is None else f"pip install 'gan-lightning[{extra}]'"


def _of_option(group: str, option: str, options: Sequence[str]) -> str:
    plugin = install(option) if group.startswith("hydra/") else None
    if plugin is not None:
        return f"{group}={option}: its plugin is missing; {plugin}"
    if not option:
        return f"{group}=: names no option; there are {', '.join(options)}"
    if group == "dataset" and (option[0] in "./~" or Path(option).is_dir()):
        return f"dataset={option}: is a folder and no option; say {_of_folder(option)}"
    advice = synonyms.option(group, option)
    if advice is not None:
        return f"{group}={option}: there is no such option; {_sentence(advice)}"
    same = [known for known in options if synonyms.plain(known) == synonyms.plain(option)]
    near = [f"{group}={known}" for known in same or get_close_matches(option.lower(), options, MOST)]
    hint = f"did you mean {_listed(near)}?" if near else f"there are {', '.join(options)}"
    return f"{group}={option}: there is no such option; {hint}"


def _of_folder(folder: str) -> str:
    """The settings for a folder of one's own pictures, as they are typed."""
    return shell.line(["dataset=folder", f"dataset.source.path={folder}"])


def _of_key(key: str, parent: DictConfig, arguments: Sequence[str], command: str) -> str:
    prefix, _, name = key.rpartition(".")
    trainers, _ = declared.read(declared.Trainer)
    if prefix == "trainer" and isinstance(kind := trainers.get(name), declared.Refused):
        return f"{key}: is not used here; {kind.instead}"
    given = dict(argument.lstrip("+").partition("=")[::2] for argument in arguments)
    value = given.get(key, "")
    if name in ("data", "dataset") and Path(CONF, "dataset", f"{value}.yaml").is_file():
        return f"{key}: there is no such setting; say dataset={value}"
    below = next((word for word in arguments if word.startswith(f"{key}.")), None)
    if below is not None and not prefix and Path(CONF, key).is_dir():
        if chosen := _that_bring(key):
            return _of_brought(key, chosen)
        checkpoints = f", or say {typed([f'+{below}'])} to change the checkpoint's {key}"
        advised = checkpoints if command == "evaluate" else ""
        return f"{below}: no option of {key} is chosen; choose {key}=OPTION beside it{advised}"
    kinds, _ = declared.of_class(str(parent.get("_target_")))
    if name in kinds and not isinstance(kinds[name], declared.Refused):
        return f"{key}: has no value yet, so it is added with a plus: {shell.word(f'+{key}={value}')}"
    same = [str(known) for known in parent if synonyms.plain(str(known)) == synonyms.plain(name)]
    if same:
        return f"{key}: there is no such setting; did you mean {f'{prefix}.' if prefix else ''}{same[0]}?"
    # Other commands than gan-train get no advice on settings of parts: an extractor's `model` is not a checkpoint.
    advice = None if prefix and command != "train" else synonyms.setting(command, name)
    if advice is not None and not any(f" {key}=" in f" {setting}" for setting in advice.settings):
        return f"{key}: there is no such setting; {_sentence(synonyms.repeated(advice, value, given))}"
    # Groups whose choice is null are not in the configuration.
    groups = [] if prefix else [path.name for path in Path(CONF).iterdir() if path.is_dir()]
    deeper = [known for known in _keys(parent) if known.rpartition(".")[2] == name]
    beside = get_close_matches(name, sorted({*map(str, parent), *groups}), MOST)
    near = [f"{prefix}.{known}" if prefix else known for known in sorted(deeper, key=len)[:MOST] or beside]
    hint = f"did you mean {_listed(near)}?" if near else "--cfg job shows all"
    group = prefix.partition(".")[0]
    elsewhere = f" (another option of {group}= may have it)" if group and Path(CONF, group).is_dir() else ""
    return f"{key}: there is no such setting; {hint}{elsewhere}"


def _keys(node: DictConfig) -> Iterator[str]:
    """The dotted names of everything in a configuration, Hydra's own aside."""
    for key in node:
        if key == "hydra" or OmegaConf.is_missing(node, key) or OmegaConf.is_interpolation(node, str(key)):
            continue
        yield str(key)
        child = node[key]
        if isinstance(child, DictConfig):
            yield from (f"{key!s}.{name}" for name in _keys(child))


def _nested(group: str) -> Iterator[str]:
    """Options that lie in a folder of a group, as loss=f_gan/kl."""
    folder = Path(CONF, group)
    return (path.relative_to(folder).with_suffix("").as_posix() for path in sorted(folder.glob("*/*.yaml")))


def _that_bring(group: str) -> list[str]:
    """Options of other groups that bring this group with them, as `show=linear_walk` brings `film`."""
    line = re.compile(rf"^ +- (override )?/{re.escape(group)}@_global_\.{re.escape(group)}:", re.MULTILINE)
    files = sorted(Path(CONF).glob("*/*.yaml"))
    found = {path: chosen for path in files if (chosen := line.search(path.read_text(encoding="utf-8")))}
    if all(chosen[1] for chosen in found.values()):  # the command itself brings what is only overridden
        return []
    return [f"{path.parent.name}={path.stem}" for path in found]


def _of_brought(group: str, chosen: Sequence[str]) -> str:
    return f"{group}: goes only with {_listed(chosen)}; choose that too, or leave {group} out"


def _sentence(advice: Advice) -> str:
    return f"{advice.why} {_listed(advice.settings)}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
