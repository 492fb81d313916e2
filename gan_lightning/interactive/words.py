"""Settings that are Python values, as the words of a command line."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_lightning.console.quoting import quoted
from gan_lightning.data import shown
from gan_lightning.errors import SettingError


def words(settings: Mapping[str, Any]) -> list[str]:
    """Each setting as one would type it; text is text, also where Hydra would read it as something else.

    Args:
        settings: by their names, which may begin with `+`; a name that begins with `~` removes a setting.

    Raises:
        SettingError: a value of another kind than text, numbers, true or false, None, paths, lists and dictionaries.

    >>> words({"model": "dcgan", "seed": 1, "dataset.flip": True, "init": None, "+trainer.max_time": {"hours": 1}})
    ['model=dcgan', 'seed=1', 'dataset.flip=true', 'init=null', '+trainer.max_time={hours:1}']
    >>> words({"dataset.source.path": Path("my photos"), "metrics": ["classifier", "swd"], "~callbacks.curves": None})
    ["dataset.source.path='my photos'", 'metrics=[classifier,swd]', '~callbacks.curves']
    """
    return [
        name if name.startswith("~") and value is None else f"{name}={_word(name, value)}"
        for name, value in settings.items()
    ]


def _word(name: str, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str | Path):
        return quoted(value)
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{quoted(key)}:{_word(name, part)}' for key, part in value.items())}}}"
    if isinstance(value, Sequence):
        return f"[{','.join(_word(name, part) for part in value)}]"
    raise SettingError(
        f"{name}={shown(value)}: settings are text, numbers, true or false, None, paths, lists or dictionaries, not "
        f"{type(value).__name__}"
    )
