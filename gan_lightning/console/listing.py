"""The list of settings that `--help` shows: what each is for, what it takes, and its value."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

from gan_lightning.console.declared import Evaluate, Generate, Group, Measured, Refused, Train
from gan_lightning.console.schema import Unknown, settings
from gan_lightning.console.values import is_plain, may_be_part, shown, words

COMMANDS = {"train": Train, "evaluate": Evaluate, "generate": Generate}


def listing(command: str, *, _root_: DictConfig) -> str:
    """Two lines for each setting of a composed configuration: its name and value, and what it is for and takes."""
    config: Any = OmegaConf.masked_copy(_root_, [str(key) for key in _root_ if key != "hydra"])
    lines: dict[str, str] = {}
    for name, kind, value, meaning, _ in settings(config, COMMANDS[command]):
        is_hidden = name in lines or isinstance(value, Unknown) or isinstance(kind, Group | Measured | Refused)
        if is_hidden or not is_plain(kind) or "._" in name:
            continue
        takes = f"takes {words(kind)}{', or a ramp' if may_be_part(kind) else ''}"
        about = "; ".join(part for part in (meaning.rstrip("."), takes) if part)
        lines[name] = f"  {name}={shown(value)}\n      {about}"
    # The text is a template, in which a dollar sign marks what is filled in.
    return "\n".join(lines.values()).replace("$", "$$")


def let_help_list_settings() -> None:
    """Let help texts of Hydra hold `${settings_listed:COMMAND}`."""
    OmegaConf.register_new_resolver("settings_listed", listing, replace=True)
