"""The settings of gan-train."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypedDict

from annotated_types import Len

from gan_lightning.console.declared.groups import One, OneOrMore, OneOrNone, Regularisers, Several
from gan_lightning.console.declared.kinds import (
    CacheFolder,
    DataFolder,
    Devices,
    Duration,
    Measured,
    Packages,
    RunFolder,
)
from gan_lightning.console.values import Meaning, OrPart, Wording
from gan_lightning.ranges import Budget, Count, Few, Many, PathText, Positive, Seed


class Train(TypedDict):
    """The settings of gan-train."""

    model: One
    network: Several
    encoder: OneOrNone
    text_encoder: OneOrNone
    conditioning: Several
    minibatch: Several
    critic_norm: Several
    loss: One
    game: One
    dataset: One
    metrics: One
    trainer: One
    penalty: Several
    generator_penalty: Several
    pairs: Several
    constraint: Several
    augment: Several
    auxiliary: Several
    generator_regulariser: Regularisers
    discriminator_regulariser: Regularisers
    callbacks: OneOrMore
    logger: OneOrMore
    seed: Annotated[Seed, Meaning("seed of the weights, the noise and the order of the data")]
    max_generator_steps: Annotated[Budget | None, Meaning("budget in generator steps")]
    max_images: Annotated[Budget | None, Meaning("budget in real images that the discriminator sees")]
    max_time: Duration
    lr: Annotated[Positive | None, OrPart(), Meaning("learning rate of every player; null: the recipe's")]
    generator_lr: Annotated[Positive | None, OrPart(), Meaning("learning rate of the generator; null: the same as lr")]
    discriminator_lr: Annotated[
        Positive | None, OrPart(), Meaning("learning rate of the discriminator; null: the same as lr")
    ]
    num_fake: Annotated[
        Many | None, Meaning("generated images that a validation scores; null: the number that the scores need")
    ]
    capture: Annotated[bool, Meaning("on a GPU, replay training steps as CUDA graphs where that is possible")]
    devices: Annotated[Devices, Meaning("GPUs, or with trainer=ddp_cpu processes")]
    num_nodes: Annotated[Few, Meaning("machines")]
    init: Annotated[
        PathText | None,
        Meaning("fine-tuning: start with the weights of another run, given by its folder or checkpoint"),
    ]
    dry_run: Annotated[bool, Meaning("build everything, show what would be trained, and train nothing")]
    resume: Annotated[PathText | None, Meaning("folder of an interrupted run to continue")]
    skip_done: Annotated[bool, Meaning("in a sweep, run only the jobs that are not finished")]
    objectives: Annotated[
        Annotated[Sequence[Literal["score", "seconds"]], Len(1)] | None,
        Wording("a list of score, or seconds, or both, as [score], or null"),
        Meaning("what a search minimises"),
    ]
    images_per_update: Annotated[
        Count | None,
        Meaning("images in an update, over all processes; gamma of r1_lazy and half-lives in images depend on it"),
    ]
    trusted: Packages
    command: Annotated[Sequence[str], Meaning("the settings of the command line; resume uses them again")]
    spec: Annotated[Any, Measured()]
    run_dir: RunFolder
    cache_dir: CacheFolder
    data_dir: DataFolder
