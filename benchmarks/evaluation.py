"""What scores cost: several from one pass over the samples, against torchmetrics as it comes, which passes for each.

    python benchmarks/evaluation.py [--images 10000]

Random pixels of 3 x 32 x 32, the small classifier as the network behind the scores, no samples made. Each part runs in
a process of its own, so that its peak of memory is its own, too:

- `stock`: FID, IS and KID of torchmetrics, each with the network as its feature extractor.
- `one pass`: the same three as `metrics=[fid,is,kid]` computes them.
- `full`: every score of `metrics=full`, with the seconds that each takes after the pass.

The real side is prepared before the clock starts: it is made once for a data set, and then read from a file. Seconds
are those of the processor, of all threads together, so that they hardly depend on what else runs on the machine.
"""

import argparse
import logging
import os
import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.inception import InceptionScore
from torchmetrics.image.kid import KernelInceptionDistance

from gan_lightning.batch import Generated
from gan_lightning.console.config import CONF
from gan_lightning.data import Fake, ImageData
from gan_lightning.metrics import ClassifierExtractor

BATCH = 256
REAL = 10_000
FITTED = 1280  # images that the classifier is fitted on; its quality does not matter here


class Output(nn.Module):
    """One of a network's outputs, as torchmetrics takes it."""

    def __init__(self, network: ClassifierExtractor, name: str) -> None:
        super().__init__()
        self.network, self.name = network, name
        self.num_features = network.num_features if name == "features" else network.num_logits

    def forward(self, image: Tensor) -> Tensor:
        with torch.no_grad():
            found: Tensor = getattr(self.network(image), self.name)
        return found


def prepared(metrics: str, images: int, folder: Path) -> tuple[Any, ImageData]:
    """Scores as a command line chooses them, ready for so many samples."""
    settings = [f"metrics={metrics}", f"metrics.extractor.images={FITTED}", f"num_fake={images}"]
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", ["dataset=fake", f"cache_dir={folder}", "run_dir=.", *settings])
    scores = instantiate(config.metrics)
    data = ImageData(Fake(REAL, 3, 10), 32, batch_size=32, num_fake=images, seed=0)
    scores.prepare(data)
    return scores, data


def samples(images: int) -> list[Generated]:
    """Batches of noise in [-1, 1], asked for one class after the other."""
    random = torch.Generator().manual_seed(1)
    return [
        Generated(number, 2 * torch.rand(len(number), 3, 32, 32, generator=random) - 1, number % 10)
        for number in torch.arange(images).split(BATCH)
    ]


def stock(images: int, folder: Path) -> dict[str, float]:
    """Seconds of torchmetrics' own way."""
    scores, data = prepared("[fid,is,kid]", images, folder)
    network = scores.extractor
    features, logits = Output(network, "features"), Output(network, "logits")
    metrics: dict[str, Any] = {
        "fid": FrechetInceptionDistance(features, normalize=False),
        "is": InceptionScore(logits, splits=1),
        "kid": KernelInceptionDistance(features, subset_size=min(1000, images)),
    }
    real = data.images("train")
    for positions in torch.arange(len(real)).split(BATCH):
        for name in ("fid", "kid"):
            metrics[name].update(real.pixels(positions.tolist()), real=True)
    batches = samples(images)

    def work() -> None:
        for batch in batches:
            image = ((batch.image + 1) * 127.5).to(torch.uint8)
            metrics["fid"].update(image, real=False)
            metrics["is"].update(image)
            metrics["kid"].update(image, real=False)
        for metric in metrics.values():
            metric.compute()

    return {"seconds": seconds(work)}


def one_pass(images: int, folder: Path) -> dict[str, float]:
    """Seconds of the same scores from one pass."""
    return of_set("[fid,is,kid]", images, folder)


def full(images: int, folder: Path) -> dict[str, float]:
    """Seconds of every score that these data allow."""
    return of_set("full", images, folder)


def of_set(metrics: str, images: int, folder: Path) -> dict[str, float]:
    began = time.process_time()
    scores, _ = prepared(metrics, images, folder)
    found = {"preparing, once": time.process_time() - began}
    batches = samples(images)

    def pass_over() -> None:
        scores.reset(torch.device("cpu"))
        for batch in batches:
            scores.update(batch)

    found["pass"] = seconds(pass_over)
    for name, score in scores.scores.scores.items():
        found[name] = seconds(score.compute)
    found["seconds"] = sum(value for name, value in found.items() if name != "preparing, once")
    return found


def seconds(work: Callable[[], object]) -> float:
    """How long the processor works on it, the seconds of all threads added up: what else runs does not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


def alone(work: Callable[[int, Path], dict[str, float]], images: int, folder: Path, answer: Any) -> None:
    """In a process of its own: what was measured, and how much its memory grew while it worked, in MB."""
    warnings.filterwarnings("ignore")
    logging.disable()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = work(images, folder)
    answer.send({**found, "MB": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000, help="samples")
    images = parser.parse_args().images
    context = get_context("spawn")
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {torch.get_num_threads()} threads, {images:,} samples"
    )
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for work in (stock, one_pass, full):
            ours, theirs = context.Pipe()
            process = context.Process(target=alone, args=(work, images, Path(folder), theirs))
            process.start()
            theirs.close()
            found = results[work.__name__] = ours.recv()
            process.join()
            parts = ", ".join(f"{name} {value:.2f}" for name, value in found.items() if name not in ("seconds", "MB"))
            name = work.__name__.replace("_", " ")
            print(f"{name:9} {found['seconds']:7.2f} CPU s, {found['MB']:6.0f} MB{f'  ({parts})' if parts else ''}")
    slow, fast = results["stock"], results["one_pass"]
    time_ratio, memory_ratio = (slow[name] / fast[name] for name in ("seconds", "MB"))
    print(f"stock / one pass: {time_ratio:.2f} of the time, {memory_ratio:.2f} of the memory")


if __name__ == "__main__":
    main()
