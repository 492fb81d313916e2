"""The settings of gan-evaluate, alone and together with those of a checkpoint."""

from collections.abc import Sequence
from typing import Annotated, TypedDict

from annotated_types import Len

from gan_lightning.console.declared.groups import One, OneOrNone
from gan_lightning.console.declared.kinds import (
    CacheFolder,
    DataFolder,
    Devices,
    Packages,
    RunFolder,
    StandingStatistics,
    Truncation,
)
from gan_lightning.console.values import Meaning, Wording
from gan_lightning.ranges import Count, Few, PathText, Seed


class Evaluate(TypedDict):
    """The settings of gan-evaluate."""

    dataset: OneOrNone
    metrics: OneOrNone
    trainer: One
    checkpoint: Annotated[
        PathText | Annotated[Sequence[PathText], Len(1)] | None,
        Wording("a path, or a list of at least one"),
        Meaning("file that gan-train wrote, or the folder of a run; a list compares several"),
    ]
    real: Annotated[PathText | None, Meaning("instead of a checkpoint: folder of real images, together with fake")]
    fake: Annotated[PathText | None, Meaning("folder of generated images, made by any program")]
    num_fake: Annotated[Count | None, Meaning("generated images; null: as many as in training")]
    truncation: Truncation
    standing_statistics: StandingStatistics
    seed: Annotated[Seed | None, Meaning("seed of the noise; null: as in training")]
    devices: Annotated[Devices, Meaning("GPUs, or with trainer=ddp_cpu processes")]
    num_nodes: Annotated[Few, Meaning("machines")]
    trusted: Packages
    run_dir: RunFolder
    cache_dir: CacheFolder
    data_dir: DataFolder


class ScoresAlone(TypedDict):
    """What gan-evaluate takes from the command line to compare two folders."""

    metrics: One
    num_fake: Count | None
    cache_dir: CacheFolder
    data_dir: DataFolder


class Parts(ScoresAlone):
    """What gan-evaluate takes from a checkpoint and from the command line together."""

    dataset: One
    seed: Seed
