"""A module of one player, and of three, steps as it says; what each process remembers is saved."""

from pathlib import Path
from typing import Any

import lightning.pytorch as L
import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD
from torch.utils.data import DataLoader

from gan_lightning.models import Constant, LinearDecay, Player, SteppingModule, Training
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


@pytest.mark.parametrize("names", [["alone"], ["encoder", "decoder", "critic"]])
@pytest.mark.parametrize("accumulate", [1, 2])
def test_every_player_steps_alone_and_by_its_own_optimizer(tmp_path, names, accumulate):
    module = Quadratic(names, Training(schedule=Constant(), ema_decay=0.5, accumulate=accumulate))
    trainer(tmp_path, max_epochs=1).fit(module, data(4))
    steps = 4 // accumulate
    assert [player.steps for player in module.players.values()] == [steps] * len(names)
    assert module.rounds == steps
    assert module.learning == [name for name in names for _ in range(accumulate)] * steps
    average = 1 - RATE
    for step in range(2, steps + 1):
        average = 0.5 * average + 0.5 * (1 - RATE) ** step
    for name in names:
        assert weight(module, name) == pytest.approx((1 - RATE) ** steps)
        followed: Any = module.players[name].average
        assert followed.module.weight.item() == pytest.approx(average)


def test_rates_fall_and_the_budget_ends_with_the_first_players_updates(tmp_path):
    module = Quadratic(["first", "second"], Training(schedule=LinearDecay(), max_generator_steps=4))
    fitting = trainer(tmp_path, max_epochs=-1)
    fitting.fit(module, data(3))
    assert module.players["first"].steps == module.players["second"].steps == 4
    expected = 1.0
    for step in range(4):
        expected *= 1 - RATE * (1 - step / 4)
    assert weight(module, "first") == pytest.approx(expected)


def test_checkpoint_has_the_steps_of_every_player_and_what_is_remembered(tmp_path):
    training = Training(schedule=Constant(), max_images=3)
    module = Quadratic(["a", "b", "c"], training)
    fitting = trainer(tmp_path, max_epochs=2)
    fitting.fit(module, data(4))
    fitting.save_checkpoint(tmp_path / "half.ckpt")
    saved = torch.load(tmp_path / "half.ckpt", weights_only=True)
    counters = {"a_step": 3, "b_step": 3, "c_step": 3, "images_seen": 3, "skipped_steps": 0}
    assert saved["counters"] == counters | {"skipped_in_a_row": [0, 0, 0]}
    assert list(saved["processes"][0]["memories"]) == ["pool"]

    again = Quadratic(["a", "b", "c"], Training(schedule=Constant(), max_images=3))
    trainer(tmp_path, max_epochs=2).fit(again, data(4), ckpt_path=tmp_path / "half.ckpt", weights_only=True)
    assert [player.steps for player in again.players.values()] == [3, 3, 3]
    ours, theirs = again.pool.content(), module.pool.content()
    assert len(ours) == 2
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_pools_of_earlier_checkpoints_are_taken(tmp_path):
    module = Quadratic(["a"], Training(schedule=Constant()))
    module.pools = nn.ModuleDict({"a": ImagePool(2)})
    module.trainer = trainer(tmp_path)
    images = [torch.ones(1), torch.zeros(1)]
    state: dict[str, Any] = {"window": [], "notes": {}, "pools": {"a": images}}
    module.restore_own_state(state)
    restored: list[Tensor] = module.pools["a"].content()
    assert restored == images
