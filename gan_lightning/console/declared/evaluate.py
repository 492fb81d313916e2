"""The settings of gan-evaluate, alone and together with those of a checkpoint."""

from typing import Annotated, TypedDict

from gan_lightning.console.declared.groups import One, OneOrNone
from gan_lightning.console.declared.kinds import CacheFolder, DataFolder, Devices, Packages, RunFolder
from gan_lightning.console.values import Meaning
from gan_lightning.ranges import Count, Few, PathText, Seed


class Evaluate(TypedDict):
    """The settings of gan-evaluate."""

    dataset: OneOrNone
    metrics: OneOrNone
    trainer: One
    checkpoint: Annotated[PathText, Meaning("file that gan-train wrote, or the folder of a run")]
    num_fake: Annotated[Count | None, Meaning("generated images; null: as many as in training")]
    seed: Annotated[Seed | None, Meaning("of the noise; null: as in training")]
    devices: Annotated[Devices, Meaning("GPUs, or with trainer=ddp_cpu processes")]
    num_nodes: Annotated[Few, Meaning("machines")]
    trusted: Packages
    run_dir: RunFolder
    cache_dir: CacheFolder
    data_dir: DataFolder


class Parts(TypedDict):
    """What gan-evaluate takes from a checkpoint and from the command line together."""

    dataset: One
    metrics: One
    num_fake: Count | None
    seed: Seed
    cache_dir: CacheFolder
    data_dir: DataFolder
