"""The list of settings that `--help` shows: what each is for, what it takes, and its value."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

from gan_lightning.console.declared import Demo, Evaluate, Export, Generate, Group, Measured, Refused, Train
from gan_lightning.console.schema import Unknown, settings
from gan_lightning.console.values import fits, is_plain, may_be_part, shown, words

COMMANDS = {"train": Train, "evaluate": Evaluate, "generate": Generate, "export": Export, "demo": Demo}


def listing(command: str, config: DictConfig) -> str:
    """Two lines for each setting of a composed configuration: its name and value, and what it is for and takes."""
    own: Any = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    lines: dict[str, str] = {}
    for name, kind, value, meaning, _ in settings(own, COMMANDS[command]):
        is_hidden = name in lines or isinstance(value, Unknown) or isinstance(kind, Group | Measured | Refused)
        if is_hidden or not is_plain(kind) or "._" in name:
            continue
        # A ramp takes the place of a number; other parts, such as a strategy of Lightning, come with their group.
        takes = f"takes {words(kind)}{', or a ramp' if may_be_part(kind) and fits(kind, 0.5) else ''}"
        about = "; ".join(part for part in (meaning.rstrip("."), takes) if part)
        lines[name] = f"  {name}={shown(value)}\n      {about}"
    return "\n".join(lines.values())
