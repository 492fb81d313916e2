"""Training steps as CUDA graphs: a GPU is given a whole step at once, and never waits for Python.

The first steps of every kind run as usual. Then the operations of one such step are recorded, and later steps only
replay the recording on new batches. Random numbers still come from the generator that was seeded for this batch, so a
replayed step computes what the same step would have computed without the graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, final

import torch
from lightning.pytorch.plugins import MixedPrecision
from torch import Tensor
from torch.optim import Optimizer

from gan_lightning.errors import FaultError
from gan_lightning.models.guards import Later
from gan_lightning.models.layout import lie_beside_parameters

if TYPE_CHECKING:
    from gan_lightning.models.stepping import SteppingModule

WARM_UP = 3
"""Steps of each kind before its graph: they choose algorithms and create what optimizers remember."""


FORMS = ("capturable", "fused")
"""Settings of optimizers that read everything from the device; an optimizer has one of them, both or none."""


class Question(NamedTuple):
    """What a step asked of `due`, and the answer."""

    player: str
    number: int
    every: int
    answer: bool


@dataclass
class Kind:
    """The steps of one phase that get the same answers from `due`, on batches of the same shapes.

    Attributes:
        phases: of the model's modules.
        questions: what they ask, with numbers counted from the player's updates before the step.
        shapes: of the batches.
        updates: that each player makes in a step.
        names: of the scalars that a step logs.
        scalars: their values (len(names),) in the last step; the graph writes them here.
        logged: views of these by name.
        runs: how often a step of this kind ran without the graph.
        graph: the recording, once there is one.
    """

    phases: list[int]
    questions: list[Question]
    shapes: Any
    updates: dict[str, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    scalars: Tensor | None = None
    logged: dict[str, Tensor] = field(default_factory=dict)
    runs: int = 0
    graph: torch.cuda.CUDAGraph | None = None


@final
class CapturedSteps:
    """Performs the steps of a model, as CUDA graphs as soon as it can.

    Args:
        module: the model, on a GPU, in a run of one process; without an `obstacle`.
    """

    def __init__(self, module: SteppingModule) -> None:
        self.module = module
        self.kinds: list[Kind] = []
        self.windows: list[tuple[Any, list[Any]]] = []  # shapes, and the memory from which graphs read such batches
        self.pool = torch.cuda.graph_pool_handle()
        self.side_stream = torch.cuda.Stream()
        self.guard = Later(module.answer, list(module.players), module.device)
        module.guard = self.guard
        self.optimizers: Sequence[Optimizer] = module.trainer.optimizers
        self.groups = [group for optimizer in self.optimizers for group in optimizer.param_groups]
        self.rates = [torch.tensor(float(group["lr"]), device=module.device) for group in self.groups]
        self.rates_now = [float(group["lr"]) for group in self.groups]
        for optimizer in self.optimizers:  # of a resumed run
            lie_beside_parameters(optimizer)

    def __call__(self, window: list[Any]) -> None:
        """One step of the model on a window of batches."""
        self._follow_rates()
        shapes = [[(part.shape, part.dtype) for part in batch] for batch in window]
        phases = [part.phase for part in self.module.followers.values()]
        alike = (kind for kind in self.kinds if (kind.phases, kind.shapes) == (phases, shapes) and self._answers(kind))
        kind = next(alike, None)
        if kind is None or kind.runs < WARM_UP:
            self._run(kind, window, shapes, phases)
        elif kind.graph is None:
            self._record(kind, window)
        else:
            self._replay(kind, window)

    def _answers(self, kind: Kind) -> bool:
        """Whether a step now would get the answers that make this kind."""
        players = self.module.players
        return all(
            ((players[player].steps + ahead) % every == 0) == answer for player, ahead, every, answer in kind.questions
        )

    def _run(self, kind: Kind | None, window: list[Any], shapes: Any, phases: list[int]) -> None:
        """A step without a graph; it says which kind it is."""
        self.side_stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.side_stream):
            questions, updates = self._perform(window)
        torch.cuda.current_stream().wait_stream(self.side_stream)
        if kind is None:
            kind = Kind(phases, questions, shapes)
            self.kinds.append(kind)
        kind.runs += 1
        kind.updates = updates
        kind.names = list(self.logged)
        self.module.log_scalars(**self.logged)
        self.guard.count(updates)

    def _perform(self, window: list[Any]) -> tuple[list[Question], dict[str, int]]:
        """Perform a step in a form that can be recorded, and return its questions and its updates."""
        module = self.module
        before = {name: player.steps for name, player in module.players.items()}
        asked: list[Question] = []
        module.questions = asked
        with self._in_graph_form(), module.logging_to({}) as self.logged:
            module.step(window)
        module.questions = None
        questions = [question._replace(number=question.number - before[question.player]) for question in asked]
        return questions, {name: player.steps - before[name] for name, player in module.players.items()}

    def _record(self, kind: Kind, window: list[Any]) -> None:
        """Record a step, and then replay it on this window.

        Raises:
            FaultError: it cannot be recorded; torch's random generator is then of no use any more.
        """
        graph, static = torch.cuda.CUDAGraph(), self._static(kind, window)
        # Not in the graph's own memory, which the next replay may use for something else.
        kind.scalars = torch.zeros(len(kind.names), device=self.module.device)
        kind.logged = dict(zip(kind.names, kind.scalars.unbind(), strict=True))
        steps = {name: player.steps for name, player in self.module.players.items()}
        try:
            torch.clear_autocast_cache()  # its tensors would not be computed again
            with torch.cuda.graph(graph, self.pool, capture_error_mode="thread_local"):
                self._perform(static)
                kind.scalars.copy_(torch.stack([value.float() for value in self.logged.values()]))
        except RuntimeError as error:
            raise FaultError(
                f"capture=true: this step cannot be recorded as a CUDA graph ({' '.join(str(error).split())[:200]}); "
                "capture=false makes steps one operation after the other"
            ) from error
        made = {name: player.steps - steps[name] for name, player in self.module.players.items()}
        for name, player in self.module.players.items():
            player.steps = steps[name]  # recording is not yet a step
        self._count_optimizer_steps(-sum(made.values()))
        kind.graph = graph
        self._replay(kind, window)

    def _replay(self, kind: Kind, window: list[Any]) -> None:
        assert kind.graph is not None
        for batch, given in zip(self._static(kind, window), window, strict=True):
            for part, new in zip(batch, given, strict=True):
                part.copy_(new, non_blocking=True)
        kind.graph.replay()
        for name, number in kind.updates.items():
            self.module.players[name].steps += number
        self.module.log_scalars(**kind.logged)
        self._count_optimizer_steps(sum(kind.updates.values()))
        self.guard.count(kind.updates)

    def _static(self, kind: Kind, window: list[Any]) -> list[Any]:
        """The memory from which the graphs of these shapes read their batches."""
        if kind.shapes not in [shapes for shapes, _ in self.windows]:
            self.windows.append((kind.shapes, [type(batch)(*(part.clone() for part in batch)) for batch in window]))
        return next(held for shapes, held in self.windows if shapes == kind.shapes)

    @contextmanager
    def _in_graph_form(self) -> Iterator[None]:
        """Optimizers that read their learning rate, and what they remember, from the device.

        Elsewhere, and so in checkpoints, their settings are those of any other run.
        """
        usual = [{name: group[name] for name in ("lr", *FORMS) if name in group} for group in self.groups]
        for group, rate in zip(self.groups, self.rates, strict=True):
            group.update({"lr": rate, **{name: True for name in FORMS if name in group}})
        try:
            yield
        finally:
            for group, settings in zip(self.groups, usual, strict=True):
                group.update(settings)

    def _follow_rates(self) -> None:
        for position, (group, rate) in enumerate(zip(self.groups, self.rates, strict=True)):
            if group["lr"] != self.rates_now[position]:
                self.rates_now[position] = group["lr"]
                rate.fill_(group["lr"])

    def _count_optimizer_steps(self, number: int) -> None:
        """Let Lightning count optimizer steps that it has not seen; its `global_step` is their number."""
        progress = self.module.trainer.fit_loop.epoch_loop.manual_optimization.optim_step_progress
        for counts in (progress.total, progress.current):
            counts.ready += number
            counts.completed += number


def obstacle(module: SteppingModule) -> str | None:
    """Why the steps of a model cannot be CUDA graphs, as a sentence without a full stop; None if they can.

    Args:
        module: in a run whose optimizers have been built.
    """
    trainer = module.trainer
    plugin = trainer.precision_plugin
    for part in module.followers.values():
        if not part.capturable:
            return f"{type(part).__name__} changes on the CPU from step to step"
    if not module.capturable:
        return f"{type(module).__name__} is not declared capturable"
    if trainer.world_size > 1:
        return "several processes exchange their gradients in every step"
    if isinstance(plugin, MixedPrecision) and plugin.scaler is not None:
        return f"trainer.precision={trainer.precision} decides on the CPU whether to step"
    for name, player in module.players.items():
        for setting in player.ramps:
            return f"{player.setting}.{setting} changes on the CPU from step to step"
        optimizer = trainer.optimizers[[*module.players].index(name)]
        if not any(form in group for group in optimizer.param_groups for form in FORMS):
            return f"{player.setting}: {type(optimizer).__name__} decides on the CPU"
    return None
