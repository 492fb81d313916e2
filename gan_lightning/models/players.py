"""One of those that learn in a training step: networks with an optimizer of their own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from torch import nn
from torch.optim import Optimizer

from gan_lightning.losses import Constraint
from gan_lightning.models.average import Average
from gan_lightning.models.optimizers import OptimizerOf, at, build_at, ramps
from gan_lightning.ramps import Follows, Ramp


@dataclass(eq=False)
class Player:
    """Networks that one optimizer trains, and everything that acts on their parameters.

    Attributes:
        network: what regularisers, constraints and the average see; a `ModuleDict` if there are several.
        optimizer: builds the optimizer from the parameters. Its settings may be ramps.
        setting: where a configuration builds that optimizer, for messages: `model.optimisation.generator`.
        beside: modules whose parameters learn with the network's, and which nothing else acts on.
        regularisers: a `ModuleDict` of `Regulariser`, terms of the loss that see the parameters.
        constraints: by name, applied to the network after every update.
        average: follows the network's parameters; None without one.
        steps: updates so far, those that were skipped included.
        skipped_in_a_row: updates just before this one that were not finite.
    """

    network: nn.Module
    optimizer: OptimizerOf
    setting: str
    beside: tuple[nn.Module, ...] = ()
    regularisers: Any = field(default_factory=nn.ModuleDict)
    constraints: Mapping[str, Constraint] = field(default_factory=dict)
    average: Average | None = None
    steps: int = 0
    skipped_in_a_row: int = 0

    def __post_init__(self) -> None:
        self.ramps = ramps(self.optimizer)
        self.rate = self.ramps.pop("lr", None)
        self.watch()

    def build_optimizer(self) -> Optimizer:
        """Its optimizer; a learning rate that is a ramp is 1 there, and a factor of the schedule (`rate_at`)."""
        optimizer = build_at(self.optimizer, self.parameters(), 0.0)
        if self.rate is not None:
            for group in optimizer.param_groups:
                group["lr"] = 1.0
        return optimizer

    def rate_at(self, progress: float, schedule: Ramp) -> float:
        """What multiplies the learning rate with which the optimizer was built, under this schedule of all players."""
        return schedule(progress) * (1.0 if self.rate is None else self.rate(progress))

    def follow(self, progress: float, groups: Iterable[dict[str, Any]]) -> None:
        """Give the groups of its optimizer those settings that are ramps, the learning rate aside."""
        now = {name: at(setting, progress) for name, setting in self.ramps.items()}
        for group in groups:
            group.update(now)

    @cached_property
    def followers(self) -> list[Follows]:
        """Those of its modules that change with the budget."""
        inside = chain(self.network.modules(), *(module.modules() for module in self.beside))
        return [module for module in inside if isinstance(module, Follows)]

    @property
    def phases(self) -> list[int]:
        """What kind of updates each of its modules takes part in now (`Follows.phase`)."""
        return [module.phase for module in self.followers]

    def parameters(self) -> Iterator[nn.Parameter]:
        """Of the network, and of what learns beside it."""
        return chain(self.network.parameters(), *(module.parameters() for module in self.beside))

    def watch(self) -> None:
        """Let the regularisers see the parameters."""
        for regulariser in self.regularisers.values():
            regulariser.watch(self.network)

    def after_update(self) -> None:
        """What follows every update, also one that was left out: the constraints, then those that remember the
        parameters."""
        for constraint in self.constraints.values():
            constraint(self.network)
        self.watch()
        if self.average is not None:
            self.average.update_parameters(self.network)

    def begin_again(self) -> None:
        """Let the regularisers forget what they remember, and see the parameters."""
        for buffer in self.regularisers.buffers():
            buffer.zero_()
        self.watch()


def networks_of(players: Mapping[str, Player]) -> dict[str, nn.Module]:
    """The networks of a model, each under the name of the first player that trains it: two players may share one."""
    first: dict[int, str] = {}
    for name, player in players.items():
        first.setdefault(id(player.network), name)
    return {name: players[name].network for name in first.values()}
