"""The settings of gan-generate."""

from collections.abc import Sequence
from typing import Annotated, TypedDict

from annotated_types import Len

from gan_lightning.console.declared.groups import One, OneOrNone
from gan_lightning.console.declared.kinds import (
    CacheFolder,
    DataFolder,
    Packages,
    RunFolder,
    StandingStatistics,
    Truncation,
)
from gan_lightning.console.values import Meaning, Wording
from gan_lightning.ranges import Columns, Many, PathText, Probability, Seed, Tile, Whole

# In a sweep Hydra reads the classes `true` and `1e3` as a boolean and a number.
Labels = Whole | bool | float | str


class Generate(TypedDict):
    """The settings of gan-generate."""

    checkpoint: Annotated[
        PathText | Annotated[Sequence[PathText], Len(1)],
        Wording("a path, or a list of at least one"),
        Meaning(
            "file that gan-train wrote, or the folder of a run; several checkpoints of a list make pictures in turn"
        ),
    ]
    seed: Annotated[Seed, Meaning("seed of the noise")]
    output: Annotated[
        PathText | None,
        Meaning("folder for what is made; null: the run folder, and of translated pictures its folder images"),
    ]
    n: Annotated[Many | None, Meaning("how many images; null: 64")]
    labels: Annotated[
        Labels | Annotated[Sequence[Labels | Sequence[Whole]], Len(1)] | None,
        Wording("a class name or number, or a list of at least one, or null"),
        Meaning("classes, or for several attributes a list with a number for each; null: all in turn"),
    ]
    caption: Annotated[
        str | Annotated[Sequence[str], Len(1)] | None,
        Wording("a sentence, or a list of at least one, or null"),
        Meaning("sentences that say what samples should show, for a model of captions; null: its own examples"),
    ]
    captions: Annotated[PathText | None, Meaning("instead of caption: a text file with one caption per line")]
    truncation: Truncation
    standing_statistics: StandingStatistics
    columns: Annotated[Columns | None, Meaning("columns of the picture that shows all images; null: 8")]
    sampler: One
    show: One
    dataset: OneOrNone
    cache_dir: CacheFolder
    data_dir: DataFolder
    source: Annotated[PathText | None, Meaning("folder of pictures to translate; for show=projection, a picture")]
    tile: Annotated[
        Tile | None,
        Meaning("side of the parts in which large pictures are translated; smaller needs less memory; null: 256"),
    ]
    blend: Annotated[
        Probability | None,
        Meaning(
            "mixes the weights of two checkpoints of the same network: the share of the second one; null: no mixture"
        ),
    ]
    direction: Annotated[
        str | None, Meaning("direction of translation, a2b or b2a; null: a2b, or the only one that the model has")
    ]
    domain: Annotated[
        str | Annotated[Sequence[str], Len(1)] | None,
        Wording("a domain, a list of at least one, or all, or null"),
        Meaning("domain into which to translate, instead of direction; with several, or all, a grid is made too"),
    ]
    trusted: Packages
    run_dir: RunFolder
