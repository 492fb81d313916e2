"""How long a step takes on N processes: a model of it, and the model against a measurement on two processes.

    python benchmarks/scaling.py          (about two minutes on two cores)

A step on N processes computes as long as on one, and then waits for one message per update. A ring all-reduce of S
bytes takes 2 (N - 1) messages of S / N bytes each (Patarasuk and Yuan 2009, doi:10.1016/j.jpdc.2008.09.002), so

    T(N) = T(1) + sum over updates of 2 (N - 1) (latency + S / (N bandwidth)).

Nothing of a message is hidden behind the backward pass, as in this project. Latency and bandwidth are measured here for
two processes of the CPU (gloo), and are assumptions for the links of the last table.
"""

import os
import time
from collections.abc import Callable
from statistics import median

import torch
import torch.distributed as dist
from ddp import OneMessage, build
from lightning.fabric.plugins.environments.lightning import find_free_network_port
from torch.multiprocessing import spawn

ROUNDS = 15
SMALL, LARGE = 2**10, 2**24  # numbers in the messages that measure latency and bandwidth
SETTINGS = {
    "default recipe: 32 pixels, width 16, batch 32": (32, 16, 32),
    "DCGAN 64 pixels, width 64, batch 8": (64, 64, 8),
}
LINKS = {"10 Gbit/s, 50 us": (1.25e9, 5e-5), "100 Gbit/s, 10 us": (12.5e9, 1e-5), "150 GB/s, 5 us": (150e9, 5e-6)}
"""Bytes per second in each direction, and seconds until the first one; chosen as round numbers, not measured."""


def predicted(alone: float, messages: list[int], processes: int, bandwidth: float, latency: float) -> float:
    """Seconds of a step on so many processes.

    Args:
        alone: seconds of the same step on one process.
        messages: bytes of the gradients of each update.
        processes: how many.
        bandwidth: bytes per second of a link.
        latency: seconds of an empty message.
    """
    steps = 2 * (processes - 1)
    return alone + sum(steps * (latency + size / (processes * bandwidth)) for size in messages)


def seconds(work: Callable[[], object]) -> float:
    """Median time of some work; all processes call it together."""
    times = []
    for _ in range(ROUNDS):
        dist.barrier()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times[2:])


def measure(rank: int, port: int, resolution: int, width: int, batch: int, name: str) -> None:
    """What each of two processes does; the first one prints."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    small, large = torch.zeros(SMALL), torch.zeros(LARGE)
    latency = seconds(lambda: dist.all_reduce(small)) / 2
    bandwidth = 4 * LARGE / (seconds(lambda: dist.all_reduce(large)) - 2 * latency)
    players = build(resolution, width, batch)
    training = OneMessage(players, torch.rand(batch, 3, resolution, resolution) * 2 - 1)
    together = seconds(training.step)
    training.backward = lambda loss, optimizer: loss.backward()  # type: ignore[method-assign]
    alone = seconds(training.step)  # beside the other process, as in a real run
    sizes = [4 * sum(p.numel() for p in player.parameters()) for player in (players.discriminator, players.generator)]
    dist.destroy_process_group()
    if rank == 0:
        print(f"\n{name}: messages of {' and '.join(f'{size / 1e6:.1f}' for size in sizes)} MB")
        print(f"  measured link: {bandwidth / 1e9:.2f} GB/s, {latency * 1e6:.0f} us")
        model = predicted(alone, sizes, 2, bandwidth, latency)
        print(f"  a step alone: {alone * 1e3:.1f} ms")
        print(f"  on two processes: {together * 1e3:.1f} ms measured, {model * 1e3:.1f} ms predicted")
        print("  images per second of N processes over N times those of one, for links that are assumed:")
        for link, (speed, wait) in LINKS.items():
            shares = {n: alone / predicted(alone, sizes, n, speed, wait) for n in (2, 4, 8, 16, 64)}
            print(f"    {link:18}", "  ".join(f"N={n} {share:.2f}" for n, share in shares.items()))


def main() -> None:
    """Measure, compare and predict."""
    print(f"torch {torch.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name, setting in SETTINGS.items():
        spawn(measure, (find_free_network_port(), *setting, name), nprocs=2)


if __name__ == "__main__":
    main()
