"""How every model steps: players that take optimizer steps in turn, their schedules and budgets.

Before this file: `adversarial.py`, what steps with a discriminator share. It is the last of four files that explain a
run; `players.py` says what a player is, and `state.py` what checkpoints keep.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from typing import Any, ClassVar

import numpy as np
import torch
from lightning.pytorch.plugins import MixedPrecision
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from gan_lightning.distributed import average, copy_first
from gan_lightning.models.average import Average
from gan_lightning.models.capture import CapturedSteps, Question
from gan_lightning.models.guards import AtOnce
from gan_lightning.models.optimisation import Training
from gan_lightning.models.players import Player
from gan_lightning.models.state import SavedState
from gan_lightning.ramps import Follows, Ramped


class SteppingModule(SavedState, ABC):
    """Players that take optimizer steps in turn.

    Subclasses add their players and say in `step` who updates on which loss: `self.update("generator", losses)`.

    On several processes each draws its own noise and sees its own images; gradients are averaged, so all take the
    same step. Statistics of batch norm stay each process's own while training and are averaged in the players' averages
    whenever the model is validated or saved.

    Args:
        optimisation: schedule, accumulation and budgets. Budgets and schedules count the updates of the first player.
    """

    capturable: ClassVar[bool] = False
    """Whether steps with the same answers of `due` always do the same operations, and never read a tensor in Python, so
    that a GPU can replay them (`CapturedSteps`)."""

    def __init__(self, optimisation: Training) -> None:
        super().__init__(optimisation)
        self.automatic_optimization = False
        self.questions: list[Question] | None = None
        """`due` adds each question and its answer here while a step is recorded; otherwise None."""
        self.captured: CapturedSteps | None = None
        """Performs the steps as CUDA graphs, if they are to."""

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        """Try the networks on a batch of random numbers, without changing them.

        Args:
            spec: the measured facts of the data, as in the configuration.

        Raises:
            SettingError: the output of one of them is not what its contract promises.
        """

    def begin_with(self, weights: Mapping[str, Tensor]) -> None:
        """Start a training from these weights, by the names of `state_dict`, instead of those that were drawn.

        An average starts from the average in `weights`, if there is one; regularisers forget the random weights.
        """
        self.load_state_dict(weights, strict=False)
        for name, module in self.named_modules():
            if isinstance(module, Average) and any(key.startswith(f"{name}.") for key in weights):
                module.n_averaged.fill_(1)  # at 0, the first update would replace it by the weights themselves
        for player in self.players.values():
            player.begin_again()

    # --- updates ---

    def training_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> None:
        """Count a batch, and after every `accumulate` of them let the subclass step on them."""
        self.images_seen += len(batch[0]) * self.trainer.world_size
        self._window.append(batch)
        if len(self._window) == self.optimisation.accumulate:
            window, self._window = self._window, []
            self._step_and_schedule(window)
        self._log_if_due()
        last_of_epoch = batch_idx + 1 == self.trainer.num_training_batches
        if last_of_epoch and self.trainer.current_epoch + 1 == self.trainer.max_epochs:
            self._validate_and_stop()
        self._stop_if_spent()

    def _step_and_schedule(self, window: list[Any]) -> None:
        rounds = self.rounds
        # A batch whose update is left out has spoilt the statistics of batch norm too, and what `follow` has counted.
        kept = self._buffers_of_batches(torch.clone) if self.optimisation.skip_non_finite else {}
        self.follow(self.progress)
        (self.captured or self.step)(window)
        self.guard.restore(kept, dict(self.named_buffers()) if kept else {})
        if self.rounds > rounds:  # only now, so that all players step at the same rate
            for scheduler in self._schedulers():
                scheduler.step()

    @cached_property
    def followers(self) -> dict[str, Follows]:
        """All modules that change with the budget, by their place in the model."""
        return {place: module for place, module in self.named_modules() if isinstance(module, Follows)}

    def follow(self, progress: float) -> None:
        """Before every step, tell all that changes during a run the share of the budget that is spent, in [0, 1]."""
        phases = {name: player.phases for name, player in self.players.items()}
        for place, module in self.followers.items():
            module.follow(progress)
            if isinstance(module, Ramped):
                self.log_scalars(**{f"ramp_{place}": module.value})
        for name, player in self.players.items():
            if player.ramps:
                player.follow(progress, self._optimizer(name).param_groups)
            if player.phases != phases[name]:
                self._optimizer(name).optimizer.state.clear()

    @abstractmethod
    def step(self, batches: list[Any]) -> None:
        """The updates that a window of `accumulate` batches brings: calls of `update`."""

    def update(self, name: str, losses: Iterable[Tensor], waits: Callable[[], Tensor] | None = None) -> None:
        """One update of a player on the mean of `accumulate` losses (scalars), unless `waits`, called last, is true.

        `losses` may be lazy: the other players are frozen while each is computed. All processes have to wait alike.
        """
        player, optimizer = self.players[name], self._optimizer(name)
        optimizer.zero_grad()
        remaining = iter(losses)
        total = torch.zeros((), device=self.device)
        for _ in range(self.optimisation.accumulate):
            with optimizer.toggle_model():  # the others are frozen before the forward pass
                loss = next(remaining)
                for regulariser in player.regularisers.values():
                    loss = loss + regulariser(player.network)
                self.manual_backward(loss / self.optimisation.accumulate)
            total += loss.detach()
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        average(gradients)
        player.steps += 1
        self.guard.step(name, optimizer, total, gradients, None if waits is None else waits())
        player.after_update()
        torch.clear_autocast_cache()  # which holds the weights as they were before this update

    def due(self, name: str, every: int, ahead: int = 0) -> bool:
        """Whether it is time for something that happens with every `every`-th update of a player.

        Steps ask this, and do not count by themselves: the answers are all that changes from one step to the next, so
        steps with the same answers are one CUDA graph.

        Args:
            name: of the player.
            every: updates from one time to the next. The first time is at its first update.
            ahead: updates that it will have made by then.
        """
        number = self.players[name].steps + ahead
        answer = number % every == 0
        if self.questions is not None:
            self.questions.append(Question(name, number, every, answer))
        return answer

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        if self.trainer.should_stop:  # callbacks may have asked for it, such as one that measures the time
            self._validate_and_stop()

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        # Lightning calls this after it has unscaled the gradients, the only right moment to clip them.
        norm = self.optimisation.gradient_clip_norm
        if norm is not None:
            self.clip_gradients(optimizer, gradient_clip_val=norm, gradient_clip_algorithm="norm")

    # --- optimizers and schedules ---

    def configure_optimizers(self) -> tuple[list[Optimizer], list[LambdaLR]]:
        # LambdaLR counts its own steps; the budget decides what share of the run they are.
        def factor(player: Player) -> Callable[[int], float]:
            return lambda _: player.rate_at(self.progress, self.optimisation.schedule)

        schedulers = [LambdaLR(player.build_optimizer(), factor(player)) for player in self.players.values()]
        return [scheduler.optimizer for scheduler in schedulers], schedulers

    def _optimizer(self, name: str) -> Any:
        """Lightning gives one optimizer as it is, and several in a list."""
        optimizers = self.optimizers()
        return optimizers[[*self.players].index(name)] if isinstance(optimizers, list) else optimizers

    def _schedulers(self) -> list[Any]:
        schedulers: Any = self.lr_schedulers()
        return schedulers if isinstance(schedulers, list) else [schedulers]

    @property
    def progress(self) -> float:
        """Share of the run's budget that is spent, in [0, 1]: the largest over all budgets that are set."""
        spent = [0.0]
        if self.trainer.max_epochs not in (None, -1):
            # Lightning's own estimate would read the training data before a resumed run has its position.
            batches = self.trainer.max_epochs * self.trainer.num_training_batches
            spent.append((self.windows + self.windows_more) * self.optimisation.accumulate / batches)
        if self.optimisation.max_generator_steps is not None:
            spent.append(self.rounds / self.optimisation.max_generator_steps)
        if self.optimisation.max_images is not None:
            spent.append(self.images_seen / self.optimisation.max_images)
        return min(1.0, max(spent))

    # --- counters, randomness and logs ---

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        # Noise keyed by position instead of carried in a generator's state: every process draws its own,
        # and a resumed run draws what the uninterrupted one would have drawn.
        key = np.random.SeedSequence([self.optimisation.seed, self.images_seen, self.global_rank])
        seed = int(key.generate_state(1, np.uint64)[0])
        # torch.manual_seed asks every kind of device, which takes longer than a small network's layer.
        torch.default_generator.manual_seed(seed)
        if self.device.type == "cuda":
            torch.cuda.default_generators[self.device.index].manual_seed(seed)
        elif self.device.type != "cpu":
            torch.manual_seed(seed)

    def log_scalars(self, **values: Tensor) -> None:
        """Keep scalars of this step for the next time that logs are due, without waiting for the device."""
        self._notes.update({name: value.detach() for name, value in values.items()})

    @contextmanager
    def logging_to(self, scalars: dict[str, Tensor]) -> Iterator[dict[str, Tensor]]:
        """Collect in `scalars` what is logged meanwhile, instead of keeping it for the logs."""
        kept, self._notes = self._notes, scalars
        try:
            yield scalars
        finally:
            self._notes = kept

    def _log_if_due(self) -> None:
        every = self.trainer.log_every_n_steps  # type: ignore[attr-defined]
        if self._notes and not self._window and self.updates % every == 0:
            self.guard.report()
            values = torch.stack([value.float() for value in self._notes.values()])
            average([values])
            row = dict(zip(self._notes, values.tolist(), strict=True))
            rates = zip(self.players, self._schedulers(), strict=True)
            row |= {f"lr_{name}": scheduler.get_last_lr()[0] for name, scheduler in rates}
            if self.optimisation.skip_non_finite:
                row["skipped_steps"] = self.skipped_steps
            self.record(row, [name for name in row if name.startswith("loss_")])
            self._notes = {}

    def _stop_if_spent(self) -> None:
        steps, images = self.optimisation.max_generator_steps, self.optimisation.max_images
        if (steps is not None and self.rounds >= steps) or (images is not None and self.images_seen >= images):
            self._validate_and_stop()

    def _validate_and_stop(self) -> None:
        """The end of a run is validated, whatever the interval between validations."""
        self.trainer.should_stop = True
        if self.trainer.check_val_every_n_epoch is not None:
            self.trainer.check_val_every_n_epoch = 1

    def on_fit_start(self) -> None:
        self.begin_guard()
        copy_first(chain(self.parameters(), self.regularisers.buffers()))

    def begin_guard(self) -> None:
        """Let every update be checked at once, as fits this run's processes and precision."""
        plugin, strategy = self.trainer.precision_plugin, self.trainer.strategy
        scaled = isinstance(plugin, MixedPrecision) and plugin.scaler is not None
        self.guard = AtOnce(self.answer, strategy.reduce_boolean_decision, scaled)

    def on_train_start(self) -> None:
        self._stop_if_spent()  # a resumed run may have nothing left to do

    def record(self, values: Mapping[str, Tensor | float], shown: Sequence[str]) -> None:
        """Give scalars to callbacks and to every logger, at x = images seen.

        Args:
            values: by name.
            shown: names that also stand in the progress bar.
        """
        scalars = {name: float(value) for name, value in values.items()}
        # `self.log` would make a torchmetrics object of each value, for a twentieth of a small network's training time.
        self.trainer.callback_metrics.update({name: torch.tensor(value) for name, value in scalars.items()})
        self.trainer.progress_bar_metrics.update({name: scalars[name] for name in shown})
        row = {**scalars, "images_seen": self.images_seen, f"{next(iter(self.players))}_step": self.rounds}
        for logger in self.loggers:
            logger.log_metrics(row, step=self.images_seen)
