"""Groups of options: how a setting is marked as one, and what it takes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from gan_lightning.console.config import CONF
from gan_lightning.errors import SettingError


class Group(NamedTuple):
    """A group of options, of which one is chosen, or several that add up.

    Attributes:
        folder: of its options, below `conf`; None if it is called as the group.
        may_be_null: whether none may be chosen.
        of_parts: whether each setting below it describes a part that is built.
        is_part: whether the option itself describes one.
    """

    folder: str | None = None
    may_be_null: bool = False
    of_parts: bool = False
    is_part: bool = False


One = Annotated[Any, Group(is_part=True)]
Several = Annotated[Any, Group()]
"""An option that describes several parts, some of which may be missing."""
OneOrMore = Annotated[Any, Group(of_parts=True)]
OneOrNone = Annotated[Any, Group(may_be_null=True)]
Regularisers = Annotated[Any, Group(folder="regulariser")]

ADDING_UP = (
    "penalty",
    "generator_penalty",
    "pairs",
    "constraint",
    "augment",
    "auxiliary",
    "regulariser",
    "callbacks",
    "logger",
    "metrics",
    "sweep",
    "experiment",
)
"""Groups whose options may be given as a list, because each adds something."""

ADDED_TO_A_SETTING = ("ramp",)
"""Groups whose options take the place of a number, as in +ramp@penalty.r1.gamma=linear."""

_SETS = (
    "classifier",
    "inception",
    "modes",
    "none",
    *("paired", "paired_inception", "restoration", "restoration_by_patches", "unpaired", "unpaired_inception"),
)
"""Options of `metrics` that are whole sets of scores, which cannot be in a list with others."""

UNUSED = {
    "metrics.extractor": "extractor: the chosen metrics use none; leave it out, or choose scores that use one, as fid",
}
"""What to say of a setting that another group brings, where the class does not take it."""


def refuse_sets_in_list(group: str, names: Sequence[str]) -> None:
    """Refuse a list of options of which one is a whole set of scores.

    Raises:
        SettingError: it names that one, and what to type instead.
    """
    whole = [name for name in names if group == "metrics" and name in _SETS]
    if whole:
        raise SettingError(
            f"metrics: {whole[0]} is a whole set of scores and cannot be in the list {','.join(names)}; name single "
            "scores, as in extractor=inception 'metrics=[fid,is,swd,kid]'"
        )


def options(group: str) -> str:
    """What a group takes, in words."""
    folder = Path(CONF, group)
    names = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml"))
    return f"this group takes one of {', '.join(names)}"
