"""What `--help` prints: the text of a command, its groups, and the settings of what is chosen beside it.

Hydra's own help looks through its search path again for every group, which takes longer than importing torch.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Template

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig

from gan_lightning.console.arguments import FLAGS_OF_FOLDERS, FLAGS_OF_NAME, FLAGS_WITH_VALUE
from gan_lightning.console.config import CONF
from gan_lightning.console.listing import listing
from gan_lightning.console.quoting import quoted


def help_of(command: str, arguments: Sequence[str]) -> str:
    """The help of a command.

    Args:
        command: `train`, `evaluate`, `generate` or `export`.
        arguments: the command line, prepared for Hydra.
    """
    flags, settings = _split(arguments)
    folders = [os.path.abspath(value) for flag, value in flags if flag in FLAGS_OF_FOLDERS]
    base = next((folder for flag, folder in flags if flag in FLAGS_OF_FOLDERS[2:]), CONF)
    above = [folder for folder in folders if folder != base]
    searched = ",".join(quoted(f"file://{folder}") for folder in above)
    path = ["hydra.searchpath=" + f"[{searched}]"] if above else []
    name = next((value for flag, value in flags if flag in FLAGS_OF_NAME), command)
    with initialize_config_dir(base, version_base="1.3"):
        config = compose(name, [*path, *settings], return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        groups = "\n".join(f"{group}: {', '.join(options)}" for group, options in _groups([base, *above]))
        shown = listing(command, config)
        text: str = config.hydra.help.template
    return Template(text).substitute(APP_CONFIG_GROUPS=f"{groups}\n", SETTINGS=shown)


def _split(arguments: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Flags with their values, and settings."""
    flags, settings = [], []
    rest = iter(arguments)
    for argument in rest:
        if argument in FLAGS_WITH_VALUE:
            flags.append((argument, next(rest)))
        elif not argument.startswith("-"):
            settings.append(argument)
    return flags, settings


def _groups(folders: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The groups of some folders of configurations, but Hydra's own, and the names of their options."""
    options: dict[str, set[str]] = {}
    for folder in folders:
        for file in Path(folder).rglob("*.yaml"):
            group = file.relative_to(folder).parent.as_posix()
            if group != "." and group.partition("/")[0] != "hydra":
                options.setdefault(group, set()).add(file.stem)
    return ((group, sorted(options[group])) for group in sorted(options))
