"""What keeps an update out of the weights whose loss or gradients are not finite."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning.models.finite import is_finite, what_is_not

Answer = Callable[[str, int, bool], None]
"""Called for the updates of a player in their order: its name, how many updates ago, and whether it was left out."""


class Guard(ABC):
    """Steps optimizers, unless a loss or a gradient is not finite."""

    @abstractmethod
    def step(
        self, name: str, optimizer: Any, loss: Tensor, gradients: Sequence[Tensor], waits: Tensor | None = None
    ) -> None:
        """Step the optimizer of a player, or leave the update out.

        Args:
            name: of the player.
            optimizer: as Lightning gives it.
            loss: scalar.
            gradients: averaged over all processes.
            waits: whether the player leaves this update out on purpose (a scalar, the same in all processes). Such an
                update is not counted as a fault.
        """

    @abstractmethod
    def restore(self, kept: Mapping[str, Tensor], buffers: Mapping[str, Tensor]) -> None:
        """Put `kept` back into the `buffers` of the same names, if an update since the last call was left out."""

    @abstractmethod
    def report(self) -> None:
        """Answer for all updates since the last call. Models call it before they log, validate or save."""

    @abstractmethod
    def reason(self, terms: Mapping[str, Tensor], network: nn.Module) -> str:
        """What was not finite in an update that was left out; all processes have to call this together.

        Args:
            terms: the scalars that were logged last, by name.
            network: with the gradients that were computed last.
        """


@final
class AtOnce(Guard):
    """Waits for every update, and so can say which of its terms was not finite. All processes answer alike.

    Args:
        answer: called after every update.
        decide: whether a decision is the same and true on all processes.
        unscales: whether the optimizer's step unscales half-precision gradients and itself leaves out those that
            overflow.
    """

    def __init__(self, answer: Answer, decide: Callable[[bool], bool], unscales: bool) -> None:
        self.answer, self.decide, self.unscales = answer, decide, unscales
        self.left_out = False

    def step(
        self, name: str, optimizer: Any, loss: Tensor, gradients: Sequence[Tensor], waits: Tensor | None = None
    ) -> None:
        good = self.decide(bool(is_finite(loss, [] if self.unscales else gradients)))
        if good and (waits is None or not waits):
            optimizer.step()
        self.left_out |= not good
        self.answer(name, 0, not good)

    def restore(self, kept: Mapping[str, Tensor], buffers: Mapping[str, Tensor]) -> None:
        if self.left_out:
            for name, values in kept.items():
                buffers[name].copy_(values)
        self.left_out = False

    def report(self) -> None:
        """Every update was answered for at once."""

    def reason(self, terms: Mapping[str, Tensor], network: nn.Module) -> str:
        return what_is_not(terms, network)


@final
class Later(Guard):
    """Decides on the device, so that the host need not wait, and answers when it is asked to.

    Args:
        answer: called for every update in `report`.
        players: their names.
        device: of the parameters.
    """

    ROOM = 4096  # updates of a player between two reports

    def __init__(self, answer: Answer, players: Sequence[str], device: torch.device) -> None:
        self.answer = answer
        self.bad = {name: torch.zeros(self.ROOM, dtype=torch.bool, device=device) for name in players}
        self.taken = {name: torch.zeros(1, dtype=torch.long, device=device) for name in players}
        self.left_out = torch.zeros((), dtype=torch.bool, device=device)
        self.unanswered = dict.fromkeys(players, 0)  # updates since the last report, as the host counts them

    def step(
        self, name: str, optimizer: Any, loss: Tensor, gradients: Sequence[Tensor], waits: Tensor | None = None
    ) -> None:
        bad = ~is_finite(loss, gradients)
        step_unless(bad if waits is None else bad | waits, optimizer)
        self.bad[name].index_copy_(0, self.taken[name], bad[None])
        self.taken[name] += 1
        self.left_out |= bad

    def restore(self, kept: Mapping[str, Tensor], buffers: Mapping[str, Tensor]) -> None:
        for name, values in kept.items():
            buffers[name].copy_(torch.where(self.left_out, values, buffers[name]))
        self.left_out.zero_()

    def count(self, updates: Mapping[str, int]) -> None:
        """So many updates of each player have been started; called outside of graphs."""
        for name, number in updates.items():
            self.unanswered[name] += number
        if max(self.unanswered.values()) > self.ROOM // 2:
            self.report()

    def report(self) -> None:
        for name, number in self.unanswered.items():
            if number == 0:
                continue
            bad = self.bad[name][:number].tolist()
            self.taken[name].zero_()
            self.unanswered[name] = 0
            for ago, left_out in zip(reversed(range(number)), bad, strict=True):
                self.answer(name, ago, left_out)

    def reason(self, terms: Mapping[str, Tensor], network: nn.Module) -> str:
        return "its loss or a gradient (capture=false names the term)"


def step_unless(bad: Tensor, optimizer: Any) -> None:
    """Step an optimizer, with no effect on parameters and on its state where `bad` (a scalar) is true.

    Optimizers of torch that are fused leave the step out themselves. For others everything is put back afterwards.
    """
    inner: Optimizer = getattr(optimizer, "optimizer", optimizer)  # Lightning wraps it
    if all(group.get("fused") for group in inner.param_groups):
        inner.found_inf = bad.float()  # type: ignore[attr-defined]
        optimizer.step()
        return
    parameters = [parameter for group in inner.param_groups for parameter in group["params"]]
    states = [value for state in inner.state.values() for value in state.values() if isinstance(value, Tensor)]
    changed = [*parameters, *states]
    kept = [values.clone() for values in changed]
    optimizer.step()
    with torch.no_grad():
        for values, before in zip(changed, kept, strict=True):
            values.copy_(torch.where(bad, before, values))
