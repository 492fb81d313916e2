"""What the framework costs: a training step under Lightning's Trainer against the same step in plain PyTorch.

    make bench                                              (on a CPU; several minutes)
    .venv/bin/python benchmarks/step.py --accelerator gpu   (larger networks, and CUDA graphs)

The Trainer runs as `gan-train` runs it: progress, CSV log, average of G, counters, schedules, reseeding, the check
whether updates are finite; only validation and checkpoints are left out. The loops of `loops.py` train copies of the
same networks with the same operations: `plain` in float32, `tuned` in bfloat16 with channels last and fused optimizers,
`captured` the tuned step as one CUDA graph. All take turns within one process, so that whatever else the machine does
meets all: the number to trust is the ratio. Pixels are random.

On a CPU every setting is measured twice: with the default settings (column `trainer`), and with `trainer=cpu`. Both are
compared with the plain loop of the same process. Memory that `trainer=cpu` keeps is then kept for that loop as well.

The floor is the time that the step's matrix products and convolutions need at the rate that a large matrix product
reaches on this machine, in float32 on a CPU and in bfloat16 on a GPU. Times are milliseconds per generator step.
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
from collections.abc import Callable, Iterator
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
    image_setting("default recipe", "dcgan", "fake", loops.gan, (32, 16, 32), 200),
    image_setting("DCGAN", "dcgan", "fake", loops.gan, (64, 64, 128), 100),
    image_setting("WGAN-GP", "wgan_gp", "fake", loops.wgan_gp, (32, 128, 64), 10, 5),
    image_setting("Pix2Pix", "pix2pix", "fake_pairs", loops.pix2pix, (256, 64, 1), 100),
    image_setting("CycleGAN", "cyclegan", "fake_unpaired", loops.cyclegan, (256, 64, 1), 10),
]


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


def measure(setting: Setting, run_dir: str, accelerator: str, *more: str) -> tuple[TakeTurns, float]:
    """Build everything as `gan_lightning.train` does, and train one epoch that is as long as the measurement.

    Returns the times, and the operations of the plain step in 10^9.
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
    contenders = {name: loops.run(setting.loop, model, data, form) for name, form in forms.items()}
    with Operations() as operations:
        next(contenders["plain"])
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
    instantiate(config.trainer, callbacks=callbacks, logger=loggers).fit(model, data)
    return turns, operations.total / 1e9


class Operations(TorchDispatchMode):
    """Counts what matrix products and convolutions compute, in backward passes too.

    torch's own counter also follows modules, which double backward passes do not allow.
    """

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        if func.overloadpacket in flop_registry:
            self.total += flop_registry[func.overloadpacket](*args, **(kwargs or {}), out_val=output)
        return output


def matrix_rate(device: torch.device) -> float:
    """10^9 operations per millisecond of a large matrix product, in float32 on a CPU and in bfloat16 on a GPU."""
    side, dtype = (8192, torch.bfloat16) if device.type == "cuda" else (2048, torch.float32)
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    times = []
    for _ in range(10):
        start = now(device)
        a @ b
        times.append(now(device) - start)
    return 2 * side**3 / 1e9 / (1000 * min(times))


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
    rate = matrix_rate(device)
    print(
        f"{machine(given.accelerator)}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
        f"load {os.getloadavg()[0]:.1f}; torch {torch.__version__}, lightning {L.__version__}; "
        f"matrix product {rate:.2f} TFLOP/s; {' '.join(given.overrides) or 'default settings'}"
    )
    rows = []
    for setting in ON_GPU if given.accelerator == "gpu" else ON_CPU:
        if not setting.name.startswith(given.only):
            continue
        row = row_of(setting, given.accelerator, given.overrides, rate)
        rows.append(row)
        print(setting.name, *(f"  {name} {shown(value)}" for name, value in row.items() if name != "setting"), sep="\n")
        sys.stdout.flush()
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=1))
    if given.markdown is not None:
        given.markdown.write_text(table(rows))


def row_of(setting: Setting, accelerator: str, overrides: list[str], rate: float) -> dict[str, Any]:
    """The figures of a setting: medians in ms; under names with a slash, the median, smallest and largest ratio."""

    def times_of(*more: str) -> tuple[dict[str, list[float]], float]:
        with tempfile.TemporaryDirectory() as run_dir:
            turns, operations = measure(setting, run_dir, accelerator, *overrides, *more)
        return {name: found[WARM_UP:] for name, found in turns.times.items()}, operations

    times, operations = times_of()
    row: dict[str, Any] = {"setting": setting.name, **{name: median(found) for name, found in times.items()}}
    ratios = {"trainer / captured": ("trainer", "captured")} if accelerator == "gpu" else {}
    ratios |= {"trainer / plain": ("trainer", "plain"), "plain / tuned": ("plain", "tuned")}
    row |= {name: ratio(times[one], times[other]) for name, (one, other) in ratios.items()}
    if accelerator == "cpu":
        fast, _ = times_of("trainer=cpu")
        row["trainer=cpu"] = median(fast["trainer"])
        row["plain / trainer=cpu"] = ratio(fast["plain"], fast["trainer"])
    return {**row, "floor": operations / rate}


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
