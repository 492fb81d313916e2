"""Settings of Lightning's and torch's classes, where their signatures say too little or allow too much."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypedDict

from annotated_types import Interval, Len
from pydantic import StringConstraints

from gan_lightning.console.declared.kinds import Devices, Duration, Refused, read
from gan_lightning.console.values import Meaning, OrPart, Wording
from gan_lightning.ranges import AtLeastZero, BelowOne, Count, Few, PathText, Share, Whole


class Trainer(TypedDict, total=False):
    """Of lightning.pytorch.Trainer; what is not here takes what Lightning says."""

    accelerator: Annotated[Literal["auto", "cpu", "gpu", "cuda", "mps"], Meaning("kind of device")]
    devices: Devices
    num_nodes: Few
    strategy: Annotated[
        Literal["auto"],
        OrPart(),
        Wording("auto; several processes take trainer=ddp, or trainer=ddp_cpu where there is no GPU"),
        Meaning("how several processes share the work"),
    ]
    precision: Annotated[
        Literal["32-true", "bf16-mixed", "16-mixed", 32],
        Wording("32-true, bf16-mixed or 16-mixed; noise, penalties and averages stay in single precision"),
        Meaning("number format of the networks' arithmetic"),
    ]
    max_epochs: Annotated[
        Annotated[int, Interval(ge=1, le=10**9)] | Literal[-1],
        Wording("a whole number from 1, or -1 for no limit beside max_images and max_generator_steps"),
        Meaning("passes over the data; prefer max_images"),
    ]
    min_epochs: Annotated[Any, Refused("a run ends with its budget, max_images or max_generator_steps")]
    check_val_every_n_epoch: Annotated[Count | None, Meaning("epochs between validations; null: count batches instead")]
    val_check_interval: Annotated[
        Share | Count | None,
        Wording("a share of an epoch in (0, 1.0], or a whole number of batches from 1, or null"),
        Meaning("when to validate: a share of an epoch, a number of batches, or null: 16 times in the run"),
    ]
    limit_train_batches: Annotated[
        Share | Count,
        Wording("a share of an epoch in (0, 1.0], or a whole number of batches from 1"),
        Meaning("the part of each epoch that is used"),
    ]
    log_every_n_steps: Annotated[Count, Meaning("discriminator steps between two rows of logs/metrics.csv")]
    num_sanity_val_steps: Literal[0]
    use_distributed_sampler: Annotated[Literal[False], Wording("false; the data module splits its data itself")]
    enable_model_summary: bool | None
    enable_progress_bar: Annotated[
        bool | None, Meaning("false: no progress bar, as with callbacks.progress.refresh_rate=0")
    ]
    sync_batchnorm: Annotated[bool, Meaning("batch norm sees the batches of all processes; needs GPUs")]
    default_root_dir: PathText
    deterministic: Annotated[
        bool | Literal["warn"] | None, Meaning("true: refuse operations whose results vary from run to run")
    ]
    benchmark: Annotated[bool | None, Meaning("let cuDNN search for the fastest convolutions")]
    detect_anomaly: bool
    inference_mode: bool
    profiler: Literal["simple", "advanced", "pytorch"] | None
    max_time: Duration
    reload_dataloaders_every_n_epochs: Literal[0]
    enable_checkpointing: Annotated[
        Literal[True] | None, Wording("true; a run without checkpoints would leave nothing")
    ]
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
    limit_test_batches: Annotated[
        Any, Refused("gan-evaluate checkpoint=RUN ++metrics.split=test scores the test split")
    ]
    limit_predict_batches: Annotated[Any, Refused("gan-generate n=... makes images")]


# Settings of an optimizer that may be ramps.
_Decay = Annotated[BelowOne, OrPart()]
_Term = Annotated[AtLeastZero, OrPart()]


class Optimizer(TypedDict, total=False):
    """Of the classes of torch.optim."""

    lr: Annotated[
        float,
        Interval(gt=0, le=1e30),
        OrPart(),
        Wording("a learning rate, a number above 0, at most 1e30"),
        Meaning("learning rate"),
    ]
    betas: Annotated[Sequence[_Decay], Len(2, 2), Meaning("decays of the averages of the gradient and of its square")]
    eps: AtLeastZero
    weight_decay: _Term
    alpha: Annotated[_Decay, Meaning("decay of the average of the squared gradient")]
    momentum: _Term
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
    filename: Annotated[str, StringConstraints(pattern="^[^/]+$"), Wording("a file's name")] | None
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

DESCRIBED = ("lightning.pytorch.", "torch.optim.")
"""Beginnings of the names of others' classes whose signatures say which settings there are."""


def of_class(target: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Kinds and meanings of what a class takes, as far as a table here declares them."""
    table = Optimizer if target.startswith("torch.optim.") else _TABLES.get(target)
    return ({}, {}) if table is None else read(table)
