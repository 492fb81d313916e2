"""A training step whose result is known: each player has one number, which goes towards zero."""

from pathlib import Path
from typing import Any

import lightning.pytorch as L
import torch
from torch import nn
from torch.optim import SGD
from torch.utils.data import DataLoader

from gan_lightning.models import Player, SteppingModule, Training
from gan_lightning.models.pool import ImagePool

RATE = 0.1


class Quadratic(SteppingModule):
    """Each player has one number and moves it towards zero: after k steps of SGD it is (1 - rate) ** k."""

    takes = tuple

    def __init__(self, names: list[str], optimisation: Training) -> None:
        super().__init__(optimisation)
        self.networks = nn.ModuleDict({name: nn.Linear(1, 1, bias=False) for name in names})
        self.pool = ImagePool(2)
        self.learning: list[str] = []
        for name, network in self.networks.items():
            nn.init.ones_(network.weight)
            average = optimisation.average(network)
            optimizer = lambda parameters: SGD(parameters, lr=RATE)  # noqa: E731
            self.add_player(name, Player(network, optimizer, f"model.{name}", average=average))

    def losses(self, batches: list[Any]) -> Any:
        for batch in batches:
            self.learning += [name for name, network in self.networks.items() if network.weight.requires_grad]
            self.log_scalars(loss=batch[0].mean())
            yield sum(network.weight.square().sum() / 2 for network in self.networks.values())

    def step(self, batches: list[Any]) -> None:
        for batch in batches:
            self.pool(batch[0])
        for name in self.players:
            self.update(name, self.losses(batches))


def data(count: int) -> Any:
    images = torch.arange(float(count)).view(-1, 1)
    return DataLoader([(image,) for image in images], batch_size=1)


def trainer(folder: Path, **settings: Any) -> L.Trainer:
    quiet = dict.fromkeys(("logger", "enable_progress_bar", "enable_checkpointing", "enable_model_summary"), False)
    return L.Trainer(accelerator="cpu", devices=1, default_root_dir=folder, **quiet, **settings)


def weight(module: Quadratic, name: str) -> float:
    return module.networks[name].weight.item()
