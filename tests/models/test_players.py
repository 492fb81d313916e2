"""A player: its learning rate under a schedule, settings that follow the budget, and what comes after an update."""

from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD

from gan_lightning.losses import Constraint, Regulariser
from gan_lightning.models import LinearDecay, LinearRamp, Player
from gan_lightning.models.average import Average
from gan_lightning.ramps import Follows


class Growing(nn.Linear, Follows):
    phase = 3

    def __init__(self) -> None:
        super().__init__(2, 1)

    def follow(self, progress: float) -> None:
        """Nothing changes."""


def test_a_rate_that_is_a_ramp_and_the_schedule_of_all_players_multiply() -> None:
    ramped = Player(nn.Linear(2, 1), partial(SGD, lr=LinearRamp(0.2, 0.4)), "model.g")
    fixed = Player(nn.Linear(2, 1), partial(SGD, lr=0.2), "model.d")
    schedule = LinearDecay()
    for progress in (0.0, 0.25, 0.75, 1.0):
        for player, expected in ((ramped, 0.2 + 0.2 * progress), (fixed, 0.2)):
            (group,) = player.build_optimizer().param_groups
            found = group["lr"] * player.rate_at(progress, schedule)
            assert found == pytest.approx(expected * (1 - progress))


def test_other_settings_that_are_ramps_are_put_into_the_groups() -> None:
    player = Player(nn.Linear(2, 1), partial(SGD, lr=0.1, momentum=LinearRamp(0.0, 0.8), dampening=0.5), "model.g")
    optimizer = player.build_optimizer()
    player.follow(0.25, optimizer.param_groups)
    (group,) = optimizer.param_groups
    assert (group["lr"], group["momentum"], group["dampening"]) == (0.1, pytest.approx(0.2), 0.5)


def test_what_learns_beside_the_network_is_trained_and_followed_with_it() -> None:
    network, beside = nn.Sequential(nn.Linear(2, 2), Growing()), Growing()
    player = Player(network, partial(SGD, lr=0.1), "model.g", beside=(beside,))
    assert player.followers == [network[1], beside]
    assert player.phases == [3, 3]
    trained = {id(p) for group in player.build_optimizer().param_groups for p in group["params"]}
    assert trained == {id(p) for p in (*network.parameters(), *beside.parameters())}


class Halved(Constraint):
    def __call__(self, network: nn.Module) -> None:
        for parameter in network.parameters():
            parameter.data.mul_(0.5)


class Remembered(Regulariser):
    """Adds up the weights that it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))

    def watch(self, network: nn.Module) -> None:
        self.seen += network.weight.detach().sum()

    def forward(self, network: nn.Module) -> Tensor:
        return self.seen


def test_after_an_update_constraints_come_first() -> None:
    network, term = nn.Linear(1, 1, bias=False), Remembered()
    nn.init.constant_(network.weight, 8.0)
    average = Average(network, 0.0, None)
    parts = {"regularisers": nn.ModuleDict({"sum": term}), "constraints": {"halved": Halved()}, "average": average}
    player = Player(network, partial(SGD, lr=0.1), "model.d", **parts)
    assert term.seen == 8  # as the model was built
    player.after_update()
    assert network.weight == average.module.weight == 4
    assert term.seen == 8 + 4
    player.begin_again()
    assert term.seen == 4
