"""What the framework costs: a training step under Lightning's Trainer against the same step in plain PyTorch.

    make bench                                              (on a CPU; several minutes)
    .venv/bin/python benchmarks/step.py --accelerator gpu   (larger networks, and CUDA graphs)

The Trainer runs as `gan-train` runs it: progress, CSV log, average of G, counters, schedules, reseeding, the check
whether updates are finite; only validation and checkpoints are left out. The loops of `loops.py` train copies of the
same networks with the same operations: `plain` in float32, `tuned` in bfloat16 with channels last and fused optimizers,
`captured` the tuned step as one CUDA graph. All take turns within one process, so that whatever else the machine does
meets all: the number to trust is the ratio. Pixels are random.

Every setting is measured twice: in float32 (column `trainer`), and with `trainer=cpu` or `trainer=gpu`.
Each is compared with a loop that takes turns with it. Memory that `trainer=cpu` keeps is then kept for that loop as
well.

The floor is the least time that the step's matrix products and convolutions need on this machine, in float32 on a CPU
and in bfloat16 on a GPU: for each of them, its operations at the rate of a large matrix product, or the bytes of its
operands and its result at the rate of a large copy, whichever takes longer. All else of a step would have to be free.
Times are milliseconds per generator step.
"""

import argparse
import json
import logging
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import lightning.pytorch as L
import loops
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from gan_lightning.callbacks import OnGPU, Provenance
from gan_lightning.console.config import CONF, plain
from gan_lightning.runs.trainer import build_trainer

ROUNDS = 10
WARM_UP = 2  # rounds before those that count


@dataclass(frozen=True)
class Setting:
    """What is trained; `steps` generator steps of it, a second or two, are one turn of each contender.

    Attributes:
        batches: real batches of a generator step.
    """

    name: str
    overrides: list[str]
    loop: Callable[[Any, Any, loops.Form], loops.Loop]
    batch_size: int
    steps: int
    batches: int = 1


def image_setting(name: str, model: str, dataset: str, loop: Any, size: tuple[int, int, int], *more: Any) -> Setting:
    """A setting of square images: `size` is their side, the networks' width and the batch."""
    side, width, batch = size
    overrides = [f"model={model}", f"dataset={dataset}", f"dataset.resolution={side}", f"network.width={width}"]
    return Setting(f"{name}: {side} px, width {width}, batch {batch}", overrides, loop, batch, *more)


# Where steps are short, a turn is a multiple of trainer.log_every_n_steps, so that every turn writes as many log rows.
ON_CPU = [
    image_setting("default recipe", "dcgan", "fake", loops.gan, (32, 16, 32), 100),
    image_setting("DCGAN", "dcgan", "fake", loops.gan, (64, 64, 64), 1),
    image_setting("WGAN-GP", "wgan_gp", "fake", loops.wgan_gp, (32, 64, 16), 1, 5),
    image_setting("Pix2Pix", "pix2pix", "fake_pairs", loops.pix2pix, (256, 64, 1), 1),
    image_setting("CycleGAN", "cyclegan", "fake_unpaired", loops.cyclegan, (128, 64, 1), 1),
]
ON_GPU = [
    image_setting("default recipe", "dcgan", "fake", loops.gan, (32, 16, 32), 100),
    image_setting("DCGAN", "dcgan", "fake", loops.gan, (64, 64, 128), 50),
    image_setting("WGAN-GP", "wgan_gp", "fake", loops.wgan_gp, (32, 128, 64), 5, 5),
    image_setting("Pix2Pix", "pix2pix", "fake_pairs", loops.pix2pix, (256, 64, 1), 50),
    image_setting("CycleGAN", "cyclegan", "fake_unpaired", loops.cyclegan, (256, 64, 1), 10),
]


@dataclass(frozen=True)
class Work:
    """A matrix product or a convolution: its operations, and how many numbers it reads and writes."""

    operations: int
    elements: int


@dataclass(frozen=True)
class Rates:
    """What a machine does in a millisecond.

    Attributes:
        operations: of a large matrix product.
        elements: that a large copy reads and writes.
        bytes: of an element.
    """

    operations: float
    elements: float
    bytes: int

    def floor(self, works: Sequence[Work]) -> float:
        """The least time of all works one after the other, in milliseconds."""
        return sum(max(work.operations / self.operations, work.elements / self.elements) for work in works)


class TakeTurns(L.Callback):
    """Times the Trainer's turns, and between them gives the loops their own.

    A turn of the Trainer lasts from the end of a batch to the end of a later one, so fetching batches,
    progress and logs are in it, and the Trainer's set-up is not.
    """

    def __init__(self, contenders: dict[str, Iterator[None]], setting: Setting) -> None:
        self.contenders, self.setting = contenders, setting
        self.times: dict[str, list[float]] = {"trainer": [], **{name: [] for name in contenders}}

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self.start = now(pl_module.device)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if (batch_idx + 1) % (self.setting.steps * self.setting.batches):
            return
        self._note("trainer", pl_module.device)
        # Each follows each other one equally often.
        order = [*self.contenders.items()]
        for name, contender in order if len(self.times["trainer"]) % 2 else reversed(order):
            self.start = now(pl_module.device)
            for _ in range(self.setting.steps):
                next(contender)
            self._note(name, pl_module.device)
        self.start = now(pl_module.device)

    def _note(self, name: str, device: torch.device) -> None:
        """The milliseconds per generator step of the turn that ends now."""
        self.times[name].append((now(device) - self.start) / self.setting.steps * 1000)


def now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def measure(
    setting: Setting, run_dir: str, accelerator: str, *more: str, only: str | None = None
) -> tuple[TakeTurns, list[Work]]:
    """Build everything as `gan_lightning.training` does, and train one epoch that is as long as the measurement.

    Args:
        setting: what is trained.
        run_dir: of the Trainer's run.
        accelerator: of the Trainer and of the loops.
        more: settings of the run.
        only: the loop that takes turns with the Trainer; None: all of them do.

    Returns:
        The times, and the products and convolutions of the first loop's step.
    """
    overrides = [
        *setting.overrides,
        f"dataset.source.size={setting.batch_size * setting.batches * setting.steps * (WARM_UP + ROUNDS)}",
        f"dataset.batch_size={setting.batch_size}",
        "metrics=none",
        "~callbacks.best",
        f"trainer.accelerator={accelerator}",
        "trainer.max_epochs=1",
        "+trainer.limit_val_batches=0",
        f"run_dir={run_dir}",
        *more,
    ]
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", overrides)
    L.seed_everything(config.seed, workers=True, verbose=False)
    data = instantiate(config.dataset)
    config.spec = asdict(data.spec())
    model = instantiate(config.model)
    device = torch.device("cuda", 0) if accelerator == "gpu" else torch.device("cpu")
    forms = {"plain": loops.Form(device), "tuned": loops.Form(device, tuned=True)}
    if accelerator == "gpu":
        forms["captured"] = loops.Form(device, tuned=True, captured=True)
    chosen = forms if only is None else {only: forms[only]}
    contenders = {name: loops.run(setting.loop, model, data, form) for name, form in chosen.items()}
    with Operations() as operations:
        next(next(iter(contenders.values())))
    for contender in contenders.values():
        next(contender)
    turns = TakeTurns(contenders, setting)
    callbacks = [
        *instantiate(config.callbacks).values(),
        Provenance(plain(config), {}, []),
        OnGPU(config.capture),
        turns,
    ]
    loggers = list(instantiate(config.logger).values())
    build_trainer(config.trainer, callbacks, loggers, None).fit(model, data)
    return turns, operations.found


class Operations(TorchDispatchMode):
    """Notes what each matrix product and each convolution computes and moves, in backward passes too.

    torch's own counter also follows modules, which double backward passes do not allow.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Work] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        if func.overloadpacket in flop_registry:
            operations = flop_registry[func.overloadpacket](*args, **(kwargs or {}), out_val=output)
            results = output if isinstance(output, (tuple, list)) else [output]
            elements = sum(tensor.numel() for tensor in (*args, *results) if isinstance(tensor, torch.Tensor))
            self.found.append(Work(operations, elements))
        return output


def rates(device: torch.device) -> Rates:
    """What this machine reaches, in float32 on a CPU and in bfloat16 on a GPU."""
    side, dtype = (8192, torch.bfloat16) if device.type == "cuda" else (2048, torch.float32)
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    one, other = (torch.ones(2**26, dtype=dtype, device=device) for _ in range(2))
    product = min(_times(lambda: a @ b, device))
    copy = min(_times(lambda: one.copy_(other), device))
    return Rates(2 * side**3 / product, 2 * one.numel() / copy, dtype.itemsize)


def _times(work: Callable[[], object], device: torch.device) -> list[float]:
    """Of ten repetitions, in milliseconds."""
    times = []
    for _ in range(10):
        start = now(device)
        work()
        times.append((now(device) - start) * 1000)
    return times


def machine(accelerator: str) -> str:
    """The processor's name, which Python itself does not tell on Linux, or the GPU's."""
    if accelerator == "gpu":
        return torch.cuda.get_device_name()
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accelerator", choices=["cpu", "gpu"], default="cpu")
    parser.add_argument("--only", default="", help="settings whose names begin so")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--markdown", type=Path, help="a file for the figures as a table")
    parser.add_argument("overrides", nargs="*", help="settings of the run, such as trainer.precision=bf16-mixed")
    given = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    # As gan-train does.
    for message in ("LeafSpec", "does not have many workers", "is smaller than the logging interval"):
        warnings.filterwarnings("ignore", f".*{message}.*")
    device = torch.device("cuda" if given.accelerator == "gpu" else "cpu")
    reached = rates(device)
    print(
        f"{machine(given.accelerator)}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
        f"load {os.getloadavg()[0]:.1f}; torch {torch.__version__}, lightning {L.__version__}; "
        f"matrix product {reached.operations / 1e9:.2f} TFLOP/s, "
        f"copy {reached.elements * reached.bytes / 1e6:.0f} GB/s; {' '.join(given.overrides) or 'default settings'}"
    )
    rows = []
    for setting in ON_GPU if given.accelerator == "gpu" else ON_CPU:
        if not setting.name.startswith(given.only):
            continue
        row = row_of(setting, given.accelerator, given.overrides, reached)
        rows.append(row)
        print(setting.name, *(f"  {name} {shown(value)}" for name, value in row.items() if name != "setting"), sep="\n")
        sys.stdout.flush()
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=1))
    if given.markdown is not None:
        given.markdown.write_text(table(rows))


def row_of(setting: Setting, accelerator: str, overrides: list[str], reached: Rates) -> dict[str, Any]:
    """The figures of a setting: medians in ms; under names with a slash, the median, smallest and largest ratio."""

    def times_of(*more: str, only: str | None = None) -> tuple[dict[str, list[float]], list[Work]]:
        with tempfile.TemporaryDirectory() as run_dir:
            turns, works = measure(setting, run_dir, accelerator, *overrides, *more, only=only)
        return {name: found[WARM_UP:] for name, found in turns.times.items()}, works

    times, works = times_of("trainer.precision=32-true")
    row: dict[str, Any] = {"setting": setting.name, **{name: median(found) for name, found in times.items()}}
    row["trainer / plain"] = ratio(times["trainer"], times["plain"])
    row["plain / tuned"] = ratio(times["plain"], times["tuned"])
    fast, beside = ("trainer=gpu", "captured") if accelerator == "gpu" else ("trainer=cpu", "plain")
    again, _ = times_of(fast, only=beside)
    row[fast] = median(again["trainer"])
    if accelerator == "gpu":
        row["trainer=gpu / captured"] = ratio(again["trainer"], again["captured"])
    else:
        row["plain / trainer=cpu"] = ratio(again["plain"], again["trainer"])
    floor = reached.floor(works)
    return {**row, "floor": floor, f"{fast} / floor": row[fast] / floor}


def ratio(ones: list[float], others: list[float]) -> list[float]:
    """Of turns that followed each other: the median, the least and the largest ratio."""
    found = [one / other for one, other in zip(ones, others, strict=True)]
    return [median(found), min(found), max(found)]


def shown(value: float | list[float]) -> str:
    if isinstance(value, list):
        middle, least, most = value
        return f"{middle:.2f} ({least:.2f} - {most:.2f})"
    return f"{value:.2f}"


def table(rows: list[dict[str, Any]]) -> str:
    """The rows in Markdown."""
    columns = [name for name in rows[0] if name != "setting"] if rows else []
    lines = [["Step", *columns], ["---"] * (len(columns) + 1)]
    lines += [[row["setting"], *(shown(row[name]) for name in columns)] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
