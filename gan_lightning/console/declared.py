"""What the commands' own settings take and mean, and those of classes of other packages that configurations name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypedDict, get_args, get_origin, get_type_hints

from annotated_types import Interval, Len
from pydantic import StringConstraints

from gan_lightning.config import CONF
from gan_lightning.console.values import Meaning, OrPart, Told
from gan_lightning.ranges import (
    AtLeastZero,
    BelowOne,
    Betas,
    Budget,
    Columns,
    Count,
    Few,
    Many,
    PathText,
    Positive,
    Seed,
    Share,
    Whole,
)


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


class Refused(NamedTuple):
    """A setting of another class that does not work here.

    Attributes:
        instead: what does.
    """

    instead: str


class Measured(NamedTuple):
    """Marks what the data tell, which nobody sets."""


One = Annotated[Any, Group(is_part=True)]
Several = Annotated[Any, Group()]
"""An option that describes several parts, some of which may be missing."""
OneOrMore = Annotated[Any, Group(of_parts=True)]
OneOrNone = Annotated[Any, Group(may_be_null=True)]
Regularisers = Annotated[Any, Group(folder="regulariser")]

Devices = Annotated[
    Count | Literal["auto", -1, "-1"] | Annotated[Sequence[Whole], Len(1)],
    Told("how many, a whole number from 1, or auto for all, or a list of their numbers"),
]
RunFolder = Annotated[PathText, Meaning("folder of everything that is written; set hydra.run.dir instead")]
CacheFolder = Annotated[PathText, Meaning("decoded pictures, fitted classifiers, statistics of real images")]
DataFolder = Annotated[PathText, Meaning("downloaded data sets")]
Packages = Annotated[
    Sequence[Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)*$")]],
    Told("a list of packages, as [my_package]; names with letters, digits and _, and no path"),
    Meaning("your own packages, installed or in the working folder, whose classes may be used"),
]


class Train(TypedDict):
    """The settings of gan-train."""

    model: One
    network: Several
    conditioning: Several
    minibatch: Several
    critic_norm: Several
    loss: One
    game: One
    dataset: One
    metrics: One
    trainer: One
    penalty: Several
    constraint: Several
    augment: Several
    auxiliary: Several
    generator_regulariser: Regularisers
    discriminator_regulariser: Regularisers
    callbacks: OneOrMore
    logger: OneOrMore
    seed: Annotated[Seed, Meaning("of the weights, the noise and the order of the data")]
    max_generator_steps: Annotated[Budget | None, Meaning("budget in generator steps")]
    max_images: Annotated[Budget | None, Meaning("budget in real images that the discriminator sees")]
    devices: Annotated[Devices, Meaning("GPUs, or with trainer=ddp_cpu processes")]
    num_nodes: Annotated[Few, Meaning("machines")]
    init: Annotated[
        PathText | None,
        Meaning("fine-tuning: start with the weights of another run, given by its folder or checkpoint"),
    ]
    resume: Annotated[PathText | None, Meaning("folder of an interrupted run to continue")]
    skip_done: Annotated[bool, Meaning("in a sweep, run only the jobs that are not finished")]
    objectives: Annotated[
        Annotated[Sequence[Literal["score", "seconds"]], Len(1)] | None,
        Told("a list of score, or seconds, or both, as [score], or null"),
        Meaning("what a search minimises"),
    ]
    trusted: Packages
    command: Annotated[Sequence[str], Meaning("what was composed, which resume repeats")]
    spec: Annotated[Any, Measured()]
    run_dir: RunFolder
    cache_dir: CacheFolder
    data_dir: DataFolder


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
    seed: Seed
    cache_dir: CacheFolder
    data_dir: DataFolder


# In a sweep Hydra reads the classes `true` and `1e3` as a boolean and a number.
Labels = Whole | bool | float | str


class Generate(TypedDict):
    """The settings of gan-generate."""

    checkpoint: Annotated[
        PathText | Annotated[Sequence[PathText], Len(1)],
        Told("a path, or a list of at least one"),
        Meaning("file that gan-train wrote, or the folder of a run; of a list, each makes pictures in turn"),
    ]
    seed: Annotated[Seed, Meaning("of the noise")]
    n: Annotated[Many, Meaning("how many images")]
    labels: Annotated[
        Labels | Annotated[Sequence[Labels], Len(1)] | None,
        Told("a class name or number, or a list of at least one, or null"),
        Meaning("classes; null: all in turn"),
    ]
    truncation: Annotated[Positive | None, Meaning("largest absolute value of the noise, such as 0.7; null: no limit")]
    columns: Annotated[Columns, Meaning("columns of the picture that shows all images")]
    source: Annotated[PathText | None, Meaning("folder of pictures to translate")]
    output: Annotated[PathText, Meaning("folder for the translated pictures")]
    direction: Annotated[Literal["a2b", "b2a"] | None, Meaning("null: a2b, or the only direction that the model knows")]
    trusted: Packages
    run_dir: RunFolder


class Trainer(TypedDict, total=False):
    """Of lightning.pytorch.Trainer; what is not here takes what Lightning says."""

    accelerator: Annotated[Literal["auto", "cpu", "gpu", "cuda", "mps"], Meaning("kind of device")]
    devices: Devices
    num_nodes: Few
    strategy: Annotated[
        Literal["auto"],
        OrPart(),
        Told("auto; several processes take trainer=ddp, or trainer=ddp_cpu where there is no GPU"),
        Meaning("how several processes share the work"),
    ]
    precision: Annotated[
        Literal["32-true", "bf16-mixed", "16-mixed", 32],
        Told("32-true, bf16-mixed or 16-mixed; noise, penalties and averages stay in single precision"),
        Meaning("of the networks' arithmetic"),
    ]
    max_epochs: Annotated[
        Annotated[int, Interval(ge=1, le=10**9)] | Literal[-1],
        Told("a whole number from 1, or -1 for no limit beside max_images and max_generator_steps"),
        Meaning("passes over the data; prefer max_images"),
    ]
    min_epochs: Annotated[Any, Refused("a run ends with its budget, max_images or max_generator_steps")]
    check_val_every_n_epoch: Annotated[Count | None, Meaning("epochs between validations; null: count batches instead")]
    val_check_interval: Annotated[
        Share | Count | None,
        Told("a share of an epoch in (0, 1.0], or a whole number of batches from 1, or null"),
        Meaning("when to validate: a share of an epoch, a number of batches, or null: 16 times in the run"),
    ]
    limit_train_batches: Annotated[
        Share | Count,
        Told("a share of an epoch in (0, 1.0], or a whole number of batches from 1"),
        Meaning("the part of an epoch that is used"),
    ]
    log_every_n_steps: Annotated[Count, Meaning("discriminator steps between two rows of logs/metrics.csv")]
    num_sanity_val_steps: Literal[0]
    use_distributed_sampler: Annotated[Literal[False], Told("false; the data module splits its data itself")]
    enable_model_summary: bool | None
    enable_progress_bar: Annotated[bool | None, Meaning("false: none, as callbacks.progress.refresh_rate=0")]
    sync_batchnorm: Annotated[bool, Meaning("batch norm sees the batches of all processes; needs GPUs")]
    default_root_dir: PathText
    deterministic: Annotated[
        bool | Literal["warn"] | None, Meaning("true: refuse operations whose results vary from run to run")
    ]
    benchmark: Annotated[bool | None, Meaning("let cuDNN search for the fastest convolutions")]
    detect_anomaly: bool
    inference_mode: bool
    profiler: Literal["simple", "advanced", "pytorch"] | None
    max_time: Annotated[
        Annotated[str, StringConstraints(pattern=r"^\d+:\d\d?:\d\d?:\d\d?$")]
        | Annotated[Mapping[Literal["days", "hours", "minutes", "seconds"], Whole], Len(1)]
        | None,
        Told("DAYS:HOURS:MINUTES:SECONDS in quotes, as \"'00:01:30:00'\", or {hours: 1}"),
        Meaning("budget in time"),
    ]
    reload_dataloaders_every_n_epochs: Literal[0]
    enable_checkpointing: Annotated[Literal[True] | None, Told("true; a run without checkpoints would leave nothing")]
    max_steps: Annotated[Any, Refused("set max_generator_steps instead")]
    min_steps: Annotated[Any, Refused("set max_generator_steps instead")]
    gradient_clip_val: Annotated[Any, Refused("set model.optimisation.gradient_clip_norm instead")]
    gradient_clip_algorithm: Annotated[Any, Refused("set model.optimisation.gradient_clip_norm instead")]
    accumulate_grad_batches: Annotated[Any, Refused("set model.optimisation.accumulate instead")]
    limit_val_batches: Annotated[Any, Refused("set metrics.num_fake instead")]
    overfit_batches: Annotated[Any, Refused("take a small data set, or set trainer.limit_train_batches instead")]
    fast_dev_run: Annotated[Any, Refused("set max_generator_steps=2 metrics=none instead")]
    barebones: Annotated[Any, Refused("set callbacks=base metrics=none instead")]
    callbacks: Annotated[Any, Refused("set callbacks=... instead")]
    logger: Annotated[Any, Refused("set logger=... instead")]
    plugins: Annotated[Any, Refused("gan-train sets it itself")]
    limit_test_batches: Annotated[Any, Refused("there is no testing; gan-evaluate +metrics.split=test scores")]
    limit_predict_batches: Annotated[Any, Refused("gan-generate n=... makes images")]


class Optimizer(TypedDict, total=False):
    """Of the classes of torch.optim."""

    lr: Annotated[
        float,
        Interval(gt=0, le=1e30),
        Told("a learning rate, a number above 0, at most 1e30"),
        Meaning("learning rate"),
    ]
    betas: Annotated[Betas, Meaning("decays of the averages of the gradient and of its square")]
    eps: AtLeastZero
    weight_decay: AtLeastZero
    alpha: Annotated[BelowOne, Meaning("decay of the average of the squared gradient")]
    momentum: AtLeastZero
    dampening: AtLeastZero
    nesterov: bool
    centered: bool
    amsgrad: bool
    maximize: bool
    capturable: bool
    differentiable: bool
    foreach: bool | None
    fused: bool | None
    decoupled_weight_decay: bool


class ModelCheckpoint(TypedDict, total=False):
    """Of lightning.pytorch.callbacks.ModelCheckpoint; the monitored score is known only after the data."""

    dirpath: PathText
    filename: Annotated[str, StringConstraints(pattern="^[^/]+$"), Told("a file's name")] | None
    save_top_k: Annotated[int, Interval(ge=-1, le=1_000_000)]
    save_last: bool | Literal["link"] | None
    verbose: bool
    save_weights_only: bool
    save_on_exception: bool
    auto_insert_metric_name: bool
    every_n_train_steps: Whole | None
    every_n_epochs: Whole | None
    save_on_train_epoch_end: bool | None
    enable_version_counter: bool


_TABLES: dict[str, type] = {
    "lightning.pytorch.Trainer": Trainer,
    "lightning.pytorch.callbacks.ModelCheckpoint": ModelCheckpoint,
}

ADDING_UP = (
    "penalty",
    "constraint",
    "augment",
    "auxiliary",
    "regulariser",
    "callbacks",
    "logger",
    "sweep",
    "experiment",
)
"""Groups whose options may be given as a list, because each adds something."""

DESCRIBED = ("lightning.pytorch.", "torch.optim.")
"""Beginnings of the names of others' classes whose signatures say which settings there are."""


def of_class(target: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Kinds and meanings of what a class takes, as far as a table here declares them."""
    table = Optimizer if target.startswith("torch.optim.") else _TABLES.get(target)
    return ({}, {}) if table is None else read(table)


def options(group: str) -> str:
    """What a group takes, in words."""
    folder = Path(CONF, group)
    names = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml"))
    return f"this group takes one of {', '.join(names)}"


def read(table: type) -> tuple[dict[str, Any], dict[str, str]]:
    """Kinds and meanings of a table's settings; a `Group`, `Refused` or `Measured` stands for itself."""
    kinds: dict[str, Any] = {}
    meanings: dict[str, str] = {}
    for name, kind in get_type_hints(table, include_extras=True).items():
        extras = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
        marks = [extra for extra in extras if isinstance(extra, Group | Refused | Measured)]
        kinds[name] = marks[0] if marks else kind
        meanings[name] = " ".join(extra.text for extra in extras if isinstance(extra, Meaning))
    return kinds, meanings
