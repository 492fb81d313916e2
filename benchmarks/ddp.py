"""Three ways to average gradients over processes, on two processes of the CPU (gloo).

    make bench-ddp        (or .venv/bin/python benchmarks/ddp.py; about three minutes on two cores)

The same step of the same networks (D on real and fake, G through the frozen D, Adam) is trained

- inside one `DistributedDataParallel` around both players with `find_unused_parameters`, prepared anew for each of
  the two backward passes, as Lightning's `ddp_find_unused_parameters_true` does with manual optimization;
- with one `DistributedDataParallel` around each player;
- without any: after each backward pass the gradients of the stepping player travel as one message, as
  `gan_lightning.distributed.average` sends them and this project does.

The ways take turns, so that whatever else the machine does meets all: the number to trust is the ratio. Every rank has
one thread. Pixels are random.
"""

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict
from statistics import median

import torch
import torch.distributed as dist
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from lightning.fabric.plugins.environments.lightning import find_free_network_port
from torch import Tensor, nn
from torch.multiprocessing import spawn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.nn.parallel.distributed import _find_tensors

from gan_lightning.console.config import CONF
from gan_lightning.distributed import average

ROUNDS, WARM_UP = 10, 1
SETTINGS = {
    "default recipe: 3x32x32, width 16, batch 32 per process": (32, 16, 32, 30),
    "DCGAN 64: 3x64x64, width 64, batch 32 per process": (64, 64, 32, 1),
    "101 million parameters: DCGAN 3x64x64, width 256, batch 4 per process": (64, 256, 4, 1),
}


class Players(nn.Module):
    """Both networks in one module, whose forward pass runs whatever it is given: Lightning redirects a step so."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator

    def forward(self, step: Callable[[], None]) -> None:
        step()


def build(resolution: int, width: int, batch: int) -> Players:
    """The networks of the default recipe."""
    overrides = [
        *("dataset=fake", f"dataset.resolution={resolution}", f"dataset.batch_size={batch}"),
        *(f"network.width={width}", "metrics=none"),
    ]
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", overrides)
    torch.manual_seed(0)
    config.spec = asdict(instantiate(config.dataset).spec())
    model = instantiate(config.model)
    return Players(model.generator, model.discriminator)


class Training(ABC):
    """A run of one way; `step` is one update of D and one of G."""

    def __init__(self, players: Players, real: Tensor) -> None:
        self.players, self.real, self.label = players, real, torch.zeros(len(real), dtype=torch.long)
        self.latent_dim = players.generator.latent_dim
        self.generator: nn.Module = players.generator
        self.discriminator: nn.Module = players.discriminator
        self.adam_g = torch.optim.Adam(players.generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
        self.adam_d = torch.optim.Adam(players.discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))

    def step(self) -> None:
        noise = torch.randn(len(self.real), self.latent_dim)
        with torch.no_grad():
            fake = self.generator(noise, self.label)
        on_real = self.discriminator(self.real, self.label).logits
        on_fake = self.discriminator(fake, self.label).logits
        self.update(self.adam_d, F.softplus(-on_real).mean() + F.softplus(on_fake).mean())
        self.players.discriminator.requires_grad_(False)
        on_fake = self.discriminator(self.generator(noise, self.label), self.label).logits
        self.update(self.adam_g, F.softplus(-on_fake).mean())
        self.players.discriminator.requires_grad_(True)

    def update(self, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.backward(loss, optimizer)
        optimizer.step()

    @abstractmethod
    def backward(self, loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
        """Leave gradients that are averaged over the processes."""


class OneWrapper(Training):
    """One reducer for both players."""

    def __init__(self, players: Players, real: Tensor) -> None:
        super().__init__(players, real)
        self.wrapped = DistributedDataParallel(players, find_unused_parameters=True, gradient_as_bucket_view=True)

    def step(self) -> None:
        self.wrapped.require_backward_grad_sync = False  # the wrapper's own forward pass prepares nothing
        self.wrapped(super().step)

    def backward(self, loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
        self.wrapped.require_backward_grad_sync = True
        self.wrapped.reducer.prepare_for_backward(list(_find_tensors(loss)))
        loss.backward()


class WrapperEach(Training):
    """A reducer for each player."""

    def __init__(self, players: Players, real: Tensor) -> None:
        super().__init__(players, real)
        self.generator = DistributedDataParallel(players.generator, gradient_as_bucket_view=True)
        self.discriminator = DistributedDataParallel(players.discriminator, gradient_as_bucket_view=True)

    def backward(self, loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
        loss.backward()


class OneMessage(Training):
    """No reducer."""

    def backward(self, loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
        loss.backward()
        parameters = (parameter for group in optimizer.param_groups for parameter in group["params"])
        average(parameter.grad for parameter in parameters if parameter.grad is not None)


WAYS = {"one wrapper": OneWrapper, "a wrapper each": WrapperEach, "one message": OneMessage}


def measure(rank: int, port: int, resolution: int, width: int, batch: int, steps: int) -> None:
    """What each process does; the first one prints."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    real = torch.rand(batch, 3, resolution, resolution) * 2 - 1
    ways = {name: way(build(resolution, width, batch), real) for name, way in WAYS.items()}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(WARM_UP + ROUNDS):
        order = list(ways) if round_ % 2 else list(reversed(ways))
        for name in order:
            dist.barrier()
            start = time.perf_counter()
            for _ in range(steps):
                ways[name].step()
            dist.barrier()
            times[name].append((time.perf_counter() - start) / steps * 1000)
    if rank == 0:
        base = times["one wrapper"][WARM_UP:]
        for name, all_times in times.items():
            counted = all_times[WARM_UP:]
            ratio = median(ours / theirs for ours, theirs in zip(counted, base, strict=True))
            print(f"  {name:15} {median(counted):7.2f} ms per step, {ratio:.3f} of one wrapper")
    dist.destroy_process_group()


def main() -> None:
    """Measure and print."""
    print(f"torch {torch.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name, setting in SETTINGS.items():
        print(name, flush=True)
        spawn(measure, (find_free_network_port(), *setting), nprocs=2)


if __name__ == "__main__":
    main()
