"""What tables of settings are made of: marks, kinds that several commands share, and how a table is read."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from annotated_types import Len
from pydantic import StringConstraints

from gan_lightning.console.declared.groups import Group
from gan_lightning.console.values import Meaning, Wording
from gan_lightning.ranges import Count, Few, PathText, Positive, Whole


class Refused(NamedTuple):
    """A setting of another class that does not work here.

    Attributes:
        instead: what does.
    """

    instead: str


class Measured(NamedTuple):
    """Marks what the data tell, which nobody sets."""


Devices = Annotated[
    Count | Literal["auto", -1, "-1"] | Annotated[Sequence[Whole], Len(1)],
    Wording("how many, a whole number from 1, or auto for all, or a list of their numbers"),
]
Duration = Annotated[
    Annotated[str, StringConstraints(pattern=r"^\d+:\d\d?:\d\d?:\d\d?$")]
    | Annotated[Mapping[Literal["days", "hours", "minutes", "seconds"], Whole], Len(1)]
    | None,
    Wording("DAYS:HOURS:MINUTES:SECONDS, as 00:01:30:00, or a single unit, as {hours:1}"),
    Meaning("budget in training time, summed over interruptions"),
]
RunFolder = Annotated[PathText, Meaning("folder of all output; set hydra.run.dir instead")]
CacheFolder = Annotated[PathText, Meaning("decoded pictures, fitted classifiers, statistics of real images")]
DataFolder = Annotated[PathText, Meaning("downloaded data sets")]
Packages = Annotated[
    Sequence[Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)*$")]],
    Wording("a list of packages, as [my_package]; names with letters, digits and _, and no path"),
    Meaning("your own packages whose classes may be used; installed, or in the working folder"),
]

Truncation = Annotated[
    Positive | None,
    Meaning(
        "largest absolute value of the noise, such as 0.7; if G maps noise to w, how far w is from its mean; null: none"
    ),
]
StandingStatistics = Annotated[
    Few | None,
    Meaning("batches of images whose statistics replace those of G's batch norms; null: those of training"),
]


def read(table: type) -> tuple[dict[str, Any], dict[str, str]]:
    """Kinds and meanings of a table's settings; the kind of a marked one is its `Group`, `Refused` or `Measured`."""
    kinds: dict[str, Any] = {}
    meanings: dict[str, str] = {}
    for name, kind in get_type_hints(table, include_extras=True).items():
        extras = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
        marks = [extra for extra in extras if isinstance(extra, Group | Refused | Measured)]
        kinds[name] = marks[0] if marks else kind
        meanings[name] = " ".join(extra.text for extra in extras if isinstance(extra, Meaning))
    return kinds, meanings
