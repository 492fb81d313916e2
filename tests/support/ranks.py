"""What two processes do in the tests of data parallelism, and one process that does the same for comparison."""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import composing
import lightning.pytorch as L
import numpy as np
import recipes
import torch
from hydra.utils import instantiate
from lightning.fabric.plugins.environments.lightning import find_free_network_port
from lightning.pytorch.utilities import rank_zero_only
from runs import server
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from gan_lightning.callbacks import Evaluation, GradientNorms
from gan_lightning.console import cli
from gan_lightning.errors import FaultError
from gan_lightning.models import (
    AdversarialModule,
    BiGAN,
    Encoding,
    EnergyModel,
    FromNoise,
    PolicyGradient,
    SequenceModel,
    SteppingModule,
)
from gan_lightning.models.pool import ImagePool

BATCH = 4  # per process
IMAGES = 64


_ALL = [f"dataset.source.size={IMAGES}", "metrics=none", "trainer.max_epochs=1", "model.optimisation.ema_decay=0.9"]
_NOISE = [*_ALL, "dataset=fake", "dataset.resolution=16", "network.width=4", "critic_norm=none"]
# With statistics of a batch two halves would not be a whole.
_NOISE += [
    "~conditioning.norm.eps",
    "conditioning.norm._target_=gan_lightning.networks.NoGeneratorNorm",
    "model.optimisation.generator.lr=0.001",
]
_ALONE = [setting.replace("optimisation.generator", "optimisation.discriminator") for setting in _NOISE]
_LAST_NORM = "network.generator.last_norm=${conditioning.norm}"  # of the ResNet generator, which has another one there
_TRANSLATION = [*_ALL, "critic_norm=instance", "network.translator.norm._target_=gan_lightning.networks.InstanceNorm"]
_REGULARISED = ("generator_regulariser", "discriminator_regulariser")
_DOMAINS = [*_TRANSLATION, "model=cyclegan", "dataset=fake_unpaired", "network.width=4", "network.translator.blocks=1"]
_ADA = ["augment.ada.p=0.5", "augment.ada.images=128", "augment.ada.interval=3"]  # two moves in eight steps


def _settings(step: type[SteppingModule]) -> list[str]:
    """What makes two halves a whole in a training step, with the smallest networks."""
    recipe = [f"model={recipes.recipe_of(step)}", f"dataset={recipes.fake_data(step)}", *recipes.small_network(step)]
    if issubclass(step, SequenceModel):
        return [*_ALL, *recipe, *recipes.short(step), "network.sequence_discriminator.dropout=0"]
    if issubclass(step, FromNoise):
        more = ["encoder.norm._target_=gan_lightning.networks.NoNorm"] if issubclass(step, Encoding) else []
        more += ["model.joint.dropout=0"] if step is BiGAN else []
        if step is EnergyModel:  # the buffer is each process's own
            return [*_ALONE, *recipe, "model.chain.steps=3", "model.buffer.fresh=1"]
        return [*_NOISE, *recipe, *more]
    more = {
        "pix2pix": ["model.critic_steps=2"],
        "cyclegan": ["model.pool_size=6"],
        "stargan": ["model.critic_steps=2", "critic_norm=none"],
    }
    return [*_TRANSLATION, *recipe, "dataset.resolution=64", *more.get(recipes.recipe_of(step), [])]


EQUAL: dict[str, list[str]] = {
    **{recipes.recipe_of(step): _settings(step) for step in recipes.STEPS},
    "seqgan": [*_settings(PolicyGradient), "model=seqgan"],
    "dcgan": ["model=dcgan", *_NOISE],
    "wgan_gp": ["model=wgan_gp", *_NOISE, _LAST_NORM, "model.critic_steps=3"],
    "hinge_spectral": ["model=dcgan", "loss=hinge", *_NOISE, "critic_norm=spectral"],
    "relativistic": ["model=dcgan", "loss=relativistic", *_NOISE],
    "lazy_r1_clipped": [
        "model=dcgan",
        *_NOISE,
        "penalty=r1",
        "penalty.r1.every=2",
        "model.optimisation.gradient_clip_norm=0.5",
    ],
    "lecam": ["model=dcgan", *_NOISE, "penalty=[lecam,r2,drift]", "penalty.lecam.every=2"],
    # Through two fades in eight steps; deviations would be of other groups.
    "progan": [
        *("model=progan", *_NOISE, "network=progressive", "critic_norm=equalised", "network.grown=0.875"),
        "network.discriminator.deviation.group=1",
    ],
    "random_penalties": ["model=dcgan", *_NOISE, "penalty=[dragan,consistency]"],
    "played_and_regularised": [
        *("model=dcgan", *_NOISE, "game=label_flips", "game.probability=0.4"),
        *(f"regulariser@{side}=[orthogonal,historical_averaging]" for side in _REGULARISED),
        *(f"{side}.historical_averaging.weight=1" for side in _REGULARISED),
    ],
    "accumulated": ["model=wgan_gp", *_NOISE, _LAST_NORM, "model.critic_steps=2", "model.optimisation.accumulate=2"],
    "wgan": ["model=wgan", *_NOISE],
    "gan_cls": ["model=gan_cls", *_NOISE, "dataset=fake_captions", "+dataset.source.wordings=1"],
    "dfgan": ["model=dfgan", *_NOISE, "dataset=fake_captions", "+dataset.source.wordings=1"],
    # The second stage takes half of the run.
    "stackgan": [
        *("model=stackgan", *_NOISE, "network=stackgan", "dataset=fake_captions", "+dataset.source.wordings=1"),
    ],
    "ebgan": ["model=ebgan", *_NOISE],
    "acgan": ["model=acgan", *_NOISE],
    "infogan": ["model=infogan", *_NOISE],
    "began": ["model=began", *_NOISE],
    "ali": [*_settings(BiGAN), "model=ali"],
    # In groups of one process's images.
    "deviation": ["model=dcgan", *_NOISE, "minibatch=standard_deviation", f"minibatch.head.statistic.group={BATCH}"],
    "discrimination": ["model=dcgan", *_NOISE, "minibatch=discrimination", f"minibatch.head.statistic.group={BATCH}"],
    # Without style mixing, which each process decides for itself, and without a comparison of images.
    "stylegan2": [
        *("model=stylegan2", *_NOISE, "network.generator.mixing=0", "network.discriminator.deviation.group=1"),
        *("penalty.r1.every=2", "penalty.r1.gamma=0.1", "generator_penalty.path_length.every=2"),
    ],
    "ada": ["model=dcgan", *_NOISE, "augment=[ada,diffaugment]", *_ADA],
    **{
        f"{loss.replace('/', '_')}_{penalty}": ["model=dcgan", f"loss={loss}", f"penalty={penalty}", *_NOISE]
        for loss, penalty in [
            *(("minimax", "gradient"), ("non_saturating", "gradient_one_sided"), ("lsgan", "dragan")),
            *(("lsgan_whole", "consistency"), ("f_gan/gan", "lecam"), ("f_gan/kl", "r1"), ("f_gan/pearson", "r2")),
            *(("f_gan/reverse_kl", "gradient"), ("f_gan/hellinger", "r1"), ("f_gan/jensen_shannon", "consistency")),
        ]
    },
    "cyclegan_penalised": [*_DOMAINS, "critic_norm=none", "loss=wasserstein", "penalty=gradient"],
}
"""Settings whose two processes have to do what one process with both batches does."""


def composed(overrides: list[str], *more: str) -> Any:
    """The configuration of `gan-train OVERRIDES`, on the CPU."""
    always = ["run_dir=unused", "~callbacks.best", "trainer.accelerator=cpu"]
    return composing.composed("train", *overrides, *more, *always)


def build(config: Any) -> tuple[Any, Any]:
    """Model and data as `train` builds them."""
    L.seed_everything(0, verbose=False)
    data = instantiate(config.dataset)
    config.spec = asdict(data.spec())
    return instantiate(config.model), data


def trainer(config: Any, *callbacks: L.Callback, **settings: Any) -> L.Trainer:
    """A silent one."""
    silent = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar"), False)
    return instantiate(config.trainer, callbacks=[*callbacks], **silent, **settings)


def fitted(overrides: list[str], *more: str, batch: int = BATCH) -> Any:
    """The model after an epoch, in this process or these processes."""
    config = composed(overrides, f"dataset.batch_size={batch}", *more)
    model, data = build(config)
    trainer(config, GradientNorms(), limit_val_batches=0).fit(model, data)
    return model


def key(seen: int, rank: int) -> int:
    """The seed of a process's noise when all together have seen so many images."""
    return int(np.random.SeedSequence([0, seen, rank]).generate_state(1, np.uint64)[0])


class BothRanks(TorchFunctionMode):
    """Draws for a batch of both ranks what the ranks would draw for their halves."""

    def seed(self, seen: int) -> None:
        self.states = []
        for rank in range(2):
            torch.manual_seed(key(seen, rank))
            self.states.append(torch.get_rng_state())

    def for_each(self, draw: Callable[[int], Tensor]) -> Tensor:
        """`draw(rank)` with the generator of that rank."""
        parts = []
        for rank in range(2):
            torch.set_rng_state(self.states[rank])
            parts.append(draw(rank))
            self.states[rank] = torch.get_rng_state()
        return torch.cat(parts)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in (torch.randn, torch.rand) and "generator" not in kwargs:
            return self.for_each(lambda _: func(args[0] // 2, *args[1:], **kwargs))
        if func in (torch.rand_like, torch.randn_like):
            halves = args[0].chunk(2)
            return self.for_each(lambda rank: func(halves[rank], *args[1:], **kwargs))
        if func is torch.randint and "generator" not in kwargs:
            most, (rows, *shape) = args
            return self.for_each(lambda _: func(most, (rows // 2, *shape), **kwargs))
        if func is torch.randperm and "generator" not in kwargs:
            half = args[0] // 2
            return self.for_each(lambda _: func(half, **kwargs)) + half * (torch.arange(args[0]) >= half)
        if func is F.dropout and args[0].dim() == 4:
            halves = args[0].chunk(2)
            return self.for_each(lambda rank: func(halves[rank], *args[1:], **kwargs))
        return func(*args, **kwargs)


class BothPools(nn.Module):
    """The image pools of both ranks."""

    def __init__(self, size: int, ranks: BothRanks) -> None:
        super().__init__()
        self.pools, self.ranks = [ImagePool(size), ImagePool(size)], ranks

    def forward(self, images: Tensor) -> Tensor:
        halves = images.chunk(2)
        with torch._C.DisableTorchFunction():  # what a pool draws is for one rank
            return self.ranks.for_each(lambda rank: self.pools[rank](halves[rank]))


def alone(overrides: list[str], *more: str) -> Any:
    """The model after the same epoch in one process, which is given the images and the noise of both."""
    config = composed(overrides, f"dataset.batch_size={2 * BATCH}", *more)
    model, data = build(config)
    ranks = BothRanks()
    model.on_train_batch_start = lambda batch, batch_idx: ranks.seed(model.images_seen)
    if hasattr(model, "pools"):
        model.pools.update({domain: BothPools(pool.size, ranks) for domain, pool in model.pools.items()})
    with ranks:
        trainer(config, GradientNorms(), limit_val_batches=0).fit(model, data)
    return model


def state(model: Any) -> dict[str, Tensor]:
    """Everything that a model's checkpoint would hold, and how large the last gradient of each side was."""
    notes = AdversarialModule.own_state(model)["notes"]
    norms = {name: value for name, value in notes.items() if name.startswith("gradient_norm")}
    held = {name: value.clone() for name, value in model.state_dict().items()}
    return held | {name: torch.tensor(value, dtype=torch.float64) for name, value in norms.items()}


MOST = {
    *map(recipes.recipe_of, recipes.STEPS),
    *("dcgan", "wgan_gp", "hinge_spectral", "lazy_r1_clipped", "lecam", "progan", "random_penalties", "accumulated"),
    *("played_and_regularised", "dfgan", "began", "deviation", "stylegan2", "ada"),
}
"""Every step, every penalty, and all that keeps a state. Of losses test_splitting.py shows what two halves need."""


# --- what two processes do ---

DDP = "trainer=ddp_cpu"
_FAST = [f"model.optimisation.{side}.lr=0.002" for side in ("generator", "discriminator")]
HALF = {
    "dcgan": ["trainer.precision=bf16-mixed"],
    "wgan_gp": ["trainer.precision=bf16-mixed", "model.critic_steps=1", "trainer.max_epochs=3", *_FAST],
}
"""In half precision, far enough for the weights to move more than rounding errors do, and no farther."""
SCORED = ["dataset=digits", "network.width=4", "metrics.extractor.images=2000", "metrics.num_fake=101"]
SCORED += ["metrics.is_splits=3", "trainer.max_epochs=1"]
MODES = ["experiment=toy_ring", "dataset.mixture.std=0.237", "dataset.num_train=1024", "metrics.num_fake=101"]


def noise() -> Any:
    """The first noise of three steps."""
    config = composed(EQUAL["dcgan"], DDP, f"dataset.batch_size={BATCH}", "max_generator_steps=3")
    model, data = build(config)
    drawn = []
    model.noise = lambda n: drawn.append(torch.randn(n, 100)) or drawn[-1]
    trainer(config, limit_val_batches=0).fit(model, data)
    return [drawn[2 * step] for step in range(3)]


def scores(folder: Path, overrides: list[str]) -> Any:
    """Scores of an untrained model with batch norm, from this process's share of the samples."""
    config = composed(overrides, DDP)
    model, data = build(config)
    collection = instantiate(config.metrics)
    collection.prepare(data)
    asked: list[int] = []
    values: list[Any] = []
    compute = collection.compute
    collection.compute = lambda: values.append(compute()) or values[-1]

    class Look(L.Callback):
        def on_validation_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, *_: Any) -> None:
            asked.extend(outputs.number.tolist())

    trainer(config, Evaluation(collection, str(folder)), Look()).validate(model, data, verbose=False)
    return {"scores": values[0], "images": asked}


def statistics() -> Any:
    """Batch-norm statistics of a process's generator and of its average, when validation looks at them."""
    found: dict[str, Any] = {}

    class Look(L.Callback):
        def on_validation_epoch_start(self, trainer: L.Trainer, pl_module: Any) -> None:
            for name, module in (("own", pl_module.generator), ("average", pl_module.ema.module)):
                found[name] = {key: value.clone() for key, value in module.named_buffers() if "running" in key}

    config = composed([*_ALL, "model=dcgan", "dataset=fake", "network.width=4"], DDP, f"dataset.batch_size={BATCH}")
    model, data = build(config)
    trainer(config, Look()).fit(model, data)
    return found


def not_finite(skip: bool) -> Any:
    """One process's fourth batch holds a NaN."""
    config = composed(EQUAL["dcgan"], DDP, f"dataset.batch_size={BATCH}", f"model.optimisation.skip_non_finite={skip}")
    model, data = build(config)
    step = model.step

    def poisoned(batches: list[Any]) -> None:
        if model.global_rank == 1 and model.images_seen == 4 * 2 * BATCH:
            batches[0].image[0, 0, 0, 0] = torch.nan
        step(batches)

    model.step = poisoned
    try:
        trainer(config, limit_val_batches=0).fit(model, data)
    except FaultError as error:
        return {"error": str(error), "steps": model.discriminator_step}
    return {"skipped": model.skipped_steps, "steps": model.discriminator_step, "state": state(model)}


def together(folder: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Everything that the two processes do for the tests of data parallelism, by name."""
    for name, overrides in EQUAL.items():
        yield name, lambda overrides=overrides: state(fitted(overrides, DDP, "trainer.precision=64-true"))
    for name, half in HALF.items():
        yield f"{name}-bf16", lambda name=name, half=half: state(fitted(EQUAL[name], DDP, *half))
    yield "noise", noise
    yield "scores", lambda: scores(folder, SCORED)
    yield "modes", lambda: scores(folder, MODES)
    yield "statistics", statistics
    yield "ended", lambda: not_finite(skip=False)
    yield "skipped", lambda: not_finite(skip=True)


def recorded() -> Iterator[tuple[str, Callable[[], Any]]]:
    """What they do to be compared with a record, by name."""
    import unchanged  # which builds on this file

    for name in unchanged.RECIPES:
        yield f"recorded-{name}", lambda name=name: unchanged.digest(unchanged.trained(name, DDP))


@contextmanager
def quiet() -> Iterator[None]:
    """Warnings are errors, but for those that gan-train silences."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cli.quieten()
        yield


def synchronised() -> Any:
    """Statistics of a generator whose batch norm is synchronised, on two GPUs."""
    overrides = [*_ALL, "model=dcgan", "dataset=fake", "network.width=4", "trainer=ddp", "devices=2"]
    config = composed(overrides, f"dataset.batch_size={BATCH}", "trainer.sync_batchnorm=true")
    config.trainer.accelerator = "gpu"
    model, data = build(config)
    trainer(config, limit_val_batches=0).fit(model, data)
    return {key: value.cpu() for key, value in model.generator.named_buffers() if "running" in key}


def run_pair(folder: Path, *names: str) -> None:
    """Let two real processes do what is named."""
    context, port = server(), str(find_free_network_port())
    both = [context.Process(target=_member, args=(rank, port, str(folder), names)) for rank in range(2)]
    for member in both:
        member.start()
    try:
        for member in both:
            member.join(1200)
    finally:
        for member in both:
            member.kill()
    told = "\n".join(Path(folder, f"told-{rank}").read_text() for rank in range(2))
    assert [member.exitcode for member in both] == [0, 0], told


def _member(rank: int, port: str, folder: str, names: Sequence[str]) -> None:
    """One of two processes; what it writes is in `FOLDER/told-RANK`."""
    os.dup2(os.open(Path(folder, f"told-{rank}"), os.O_WRONLY | os.O_CREAT), sys.stderr.fileno())
    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=port, LOCAL_RANK=str(rank), NODE_RANK="0")
    rank_zero_only.rank = rank  # which Lightning set when the server imported it
    works = {**dict(together(Path(folder))), **dict(recorded()), "synchronised": synchronised}
    for name in names:
        with quiet():
            torch.save(works[name](), Path(folder, f"{name}-{rank}.pt"))
