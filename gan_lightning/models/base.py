"""How every adversarial model steps: two optimizers in turn, averages, schedules and budgets.

The subclasses, one file each, say what a step optimises.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import torch
from lightning.pytorch.plugins import MixedPrecision
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel

from gan_lightning.augment import Augment
from gan_lightning.batch import Verdict
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.counting import counted
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.losses import (
    AdversarialLoss,
    Constraint,
    Penalty,
    Regulariser,
    warn_without_energy,
    warn_without_lipschitz,
)
from gan_lightning.models.finite import all_finite, what_is_not
from gan_lightning.models.optimisation import MOST_SKIPPED, Optimisation
from gan_lightning.models.processes import average, copy_first
from gan_lightning.models.state import SavedState
from gan_lightning.networks import Discriminator
from gan_lightning.ranges import Count, within


class AdversarialModule(SavedState, ABC):
    """A generator side and a discriminator side that take optimizer steps in turn.

    Subclasses say in `step` which side steps on which loss; `step_discriminator` and `step_generator` turn losses
    into updates. Either side may hold several networks (CycleGAN: two each in a `ModuleDict`).

    On several processes each draws its own noise and sees its own images; gradients are averaged, so all take the
    same step. Statistics of batch norm stay each process's own while training and are averaged in the `ema` whenever
    it is validated or saved.

    Args:
        generator, discriminator: the networks of each side.
        loss: the adversarial objective.
        optimisation: optimizers, schedule, average and budgets.
        generator_regularisers, discriminator_regularisers: by name, terms on a side's parameters.
        constraints: by name, applied to the discriminator after each of its steps.
        auxiliaries: by name, tasks with parameters of their own, trained with the discriminator.
        critic_steps: discriminator steps, each on a fresh batch, per generator step.
    """

    regularisers: Any  # a ModuleDict of Regulariser per side

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        loss: AdversarialLoss,
        optimisation: Optimisation,
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        auxiliaries: Mapping[str, nn.Module],
        critic_steps: int,
    ) -> None:
        super().__init__()
        check_contract("loss", loss, AdversarialLoss)
        check_contracts("generator_regulariser", generator_regularisers, Regulariser)
        check_contracts("discriminator_regulariser", discriminator_regularisers, Regulariser)
        check_contracts("constraint", constraints, Constraint)
        self.automatic_optimization = False
        within("model.critic_steps", Count, critic_steps)
        self.generator = generator
        self.discriminator = discriminator
        self.loss = loss
        self.auxiliaries = nn.ModuleDict(auxiliaries)
        sides = (generator_regularisers, discriminator_regularisers)
        self.regularisers = nn.ModuleList([nn.ModuleDict(regularisers) for regularisers in sides])
        for side in range(2):
            self._watch(side)
        self.constraints = constraints
        self.critic_steps = critic_steps
        self.optimisation = optimisation
        self.ema = AveragedModel(generator, multi_avg_fn=optimisation.average, use_buffers=False).requires_grad_(False)

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        """Try the networks on a batch of random numbers, without changing them.

        Args:
            spec: the measured facts of the data, as in the configuration.

        Raises:
            SettingError: the output of one of them is not what its contract promises.
        """

    def begin_with(self, weights: Mapping[str, Tensor]) -> None:
        """Start a training from these weights, by the names of `state_dict`, instead of those that were drawn.

        The average starts from the average in `weights`, if there is one; regularisers forget the random weights.
        """
        self.load_state_dict(weights, strict=False)
        if any(name.startswith("ema.") for name in weights):
            self.ema.n_averaged.fill_(1)  # at 0, the first update would replace the average by the weights themselves
        for side in range(2):
            for buffer in self.regularisers[side].buffers():
                buffer.zero_()
            self._watch(side)

    # --- losses that all steps share ---

    def discriminator_objective(
        self,
        judge: Callable[[Tensor], Verdict],
        real: Tensor,
        fake: Tensor,
        penalties: Mapping[str, Penalty],
        suffix: str = "",
        judge_fake: Callable[[Tensor], Verdict] | None = None,
    ) -> tuple[Tensor, Verdict, Verdict]:
        """The discriminator's loss: its objective on real and fake images, and the penalties that are due.

        Args:
            judge: the discriminator as a function of images alone. It gets real and fake images in two batches.
            real, fake: (B, C, H, W), the fakes without gradient.
            penalties: by name, this discriminator's own.
            suffix: of the names in the logs, if there are several discriminators.
            judge_fake: the same for the fakes, if they have other labels than the real images. Penalties use only
                `judge`.

        Returns:
            the loss, and the verdicts on real and on fake images.
        """
        on_real, on_fake = judge(real), (judge_fake or judge)(fake)
        adversarial = loss = self.loss.discriminator(on_real.logits, on_fake.logits)
        for name, penalty in penalties.items():
            if self.discriminator_step % penalty.every == 0:
                term = penalty(lambda image: judge(image).score, real, fake, on_real.logits, on_fake.logits)
                loss = loss + penalty.every * term
                self.note(**{f"penalty_{name}{suffix}": term})
        logits = {f"logit_real{suffix}": on_real.score.mean(), f"logit_fake{suffix}": on_fake.score.mean()}
        self.note(**{f"loss_discriminator{suffix}": adversarial}, **logits)
        return loss, on_real, on_fake

    def generator_objective(self, judge: Callable[[Tensor], Verdict], fake: Tensor, real: Tensor) -> Tensor:
        """The generator's adversarial loss on `fake`; `real` is judged only for objectives that compare the two."""
        on_real: Verdict | None = None
        if self.loss.needs_real:
            with torch.no_grad():
                on_real = judge(real)
        return self.loss.generator(judge(fake).logits, on_real and on_real.logits)

    @cached_property
    def augments(self) -> list[Augment]:
        """All augmentations, of all discriminators."""
        return [module for module in self.modules() if isinstance(module, Augment)]

    def check_augments(self) -> None:
        """Check that the loss fits the augmentations; subclasses call this after they have set them.

        Raises:
            SettingError: an augmentation needs the logit that means undecided, and the loss has none.
        """
        if self.loss.undecided is None and any(augment.asks_undecided for augment in self.augments):
            raise SettingError(
                "augment=ada follows how often the discriminator takes real images for real, and this loss has no "
                "score that separates the two; choose another loss, or augment.ada.target=null for a constant p"
            )

    def inform_augments(self, augment: nn.Sequential, on_real: Verdict, suffix: str = "") -> None:
        """Give a discriminator's augmentations its logits of real images, and note what they want to log."""
        logits = on_real.logits - (self.loss.undecided or 0.0)
        for name, part in augment.named_children():
            assert isinstance(part, Augment)
            self.note(**{f"augment_{name}_{key}{suffix}": value for key, value in part.observe(logits).items()})

    # --- updates ---

    def training_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> None:
        """Count a batch, and after every `accumulate` of them let the subclass step on them."""
        self.images_seen += len(batch[0]) * self.trainer.world_size
        self._window.append(batch)
        if len(self._window) == self.optimisation.accumulate:
            window, self._window = self._window, []
            self._step_and_schedule(window)
        self._log_if_due()
        if (
            batch_idx + 1 == self.trainer.num_training_batches
            and self.trainer.current_epoch + 1 == self.trainer.max_epochs
        ):
            self._validate_and_stop()
        self._stop_if_spent()

    def _step_and_schedule(self, window: list[Any]) -> None:
        generator_step, skipped = self.generator_step, self.skipped_steps
        kept = self._own_buffers(torch.clone) if self.optimisation.skip_non_finite else {}
        self.loss.follow(self.progress)
        for augment in self.augments:
            augment.follow(self.progress)
        self.step(window)
        if self.skipped_steps > skipped:
            # The same batch has spoilt the statistics of batch norm too.
            self.load_state_dict(kept, strict=False)
        if self.generator_step > generator_step:  # only now, so that both sides step at the same rate
            for scheduler in self._schedulers():
                scheduler.step()

    @abstractmethod
    def step(self, batches: list[Any]) -> None:
        """The updates that a window of `accumulate` batches brings: `step_discriminator`, `step_generator`."""

    def step_discriminator(self, losses: Iterable[Tensor]) -> None:
        """One update of the discriminator side on the mean of `losses`, which may be a lazy generator."""
        if self._minimise(1, losses):
            for constraint in self.constraints.values():
                constraint(self.discriminator)
            self._watch(1)
        self.discriminator_step += 1

    def step_generator(self, losses: Iterable[Tensor]) -> None:
        """One update of the generator side on the mean of `losses`, and of its average."""
        if self._minimise(0, losses):
            self._watch(0)
            self.ema.update_parameters(self.generator)
        self.generator_step += 1

    def _watch(self, side: int) -> None:
        """Let the regularisers of a side see its parameters."""
        for regulariser in self.regularisers[side].values():
            regulariser.watch((self.generator, self.discriminator)[side])

    def _minimise(self, side: int, losses: Iterable[Tensor]) -> bool:
        """Step on the mean of `losses`; False if the update was not finite and has been left out."""
        optimizers = self.optimizers()
        assert isinstance(optimizers, list)
        optimizer = optimizers[side]
        optimizer.zero_grad()
        remaining = iter(losses)
        total = torch.zeros((), device=self.device)
        for _ in range(self.optimisation.accumulate):
            with optimizer.toggle_model():  # the other side is frozen before the forward pass
                loss = next(remaining)
                for regulariser in self.regularisers[side].values():
                    loss = loss + regulariser((self.generator, self.discriminator)[side])
                self.manual_backward(loss / self.optimisation.accumulate)
            total += loss.detach()
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        average(gradients)
        if not self._is_finite(total, gradients):
            self._skip_or_end(side)
            return False
        self._skipped_in_a_row[side] = 0
        optimizer.step()
        return True

    def _is_finite(self, loss: Tensor, gradients: Sequence[Tensor]) -> bool:
        """Whether the update can be made, the same answer on every process."""
        plugin = self.trainer.precision_plugin
        # In half precision, the scaler itself leaves out steps whose gradients overflow.
        scaled = isinstance(plugin, MixedPrecision) and plugin.scaler is not None
        return self.trainer.strategy.reduce_boolean_decision(all_finite(loss, [] if scaled else gradients))

    def _skip_or_end(self, side: int) -> None:
        self.skipped_steps += 1
        self._skipped_in_a_row[side] += 1
        if self.optimisation.skip_non_finite and self._skipped_in_a_row[side] <= MOST_SKIPPED:
            self._notes.clear()
            return
        too_many = f", and so were {MOST_SKIPPED} before it" if self.optimisation.skip_non_finite else ""
        name, step = (("generator", self.generator_step), ("discriminator", self.discriminator_step))[side]
        raise FaultError(
            f"the {name}'s update {step + 1} (after {counted(self.images_seen, 'image')}) is not finite: "
            f"{what_is_not(self._notes, self)}{too_many}{self._remedies()}"
        )

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        # Lightning calls this after it has unscaled the gradients, the only right moment to clip them.
        if self.optimisation.gradient_clip_norm is not None:
            self.clip_gradients(
                optimizer,
                gradient_clip_val=self.optimisation.gradient_clip_norm,
                gradient_clip_algorithm="norm",
            )

    # --- optimizers and schedules ---

    def configure_optimizers(self) -> tuple[list[Optimizer], list[LambdaLR]]:
        discriminator_side = chain(self.discriminator.parameters(), self.auxiliaries.parameters())
        optimizers = [
            self.optimisation.generator(self.generator.parameters()),
            self.optimisation.discriminator(discriminator_side),
        ]
        # LambdaLR counts its own steps; the budget decides what share of the run they are.
        factor = lambda _: self.optimisation.schedule(self.progress)  # noqa: E731
        return optimizers, [LambdaLR(optimizer, factor) for optimizer in optimizers]

    def _schedulers(self) -> list[Any]:
        schedulers = self.lr_schedulers()
        assert isinstance(schedulers, list)
        return schedulers

    @property
    def progress(self) -> float:
        """Share of the run's budget that is spent, in [0, 1]: the largest over all budgets that are set."""
        spent = [0.0]
        if self.trainer.max_epochs not in (None, -1):
            # Lightning's own estimate would read the training data before a resumed run has its position.
            batches = self.trainer.max_epochs * self.trainer.num_training_batches
            spent.append(self.generator_step * self.critic_steps * self.optimisation.accumulate / batches)
        if self.optimisation.max_generator_steps is not None:
            spent.append(self.generator_step / self.optimisation.max_generator_steps)
        if self.optimisation.max_images is not None:
            spent.append(self.images_seen / self.optimisation.max_images)
        return min(1.0, max(spent))

    # --- counters, randomness and logs ---

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        # Noise keyed by position instead of carried in a generator's state: every process draws its own,
        # and a resumed run draws what the uninterrupted one would have drawn.
        key = np.random.SeedSequence([self.optimisation.seed, self.images_seen, self.global_rank])
        # torch.manual_seed asks every kind of device, which takes longer than a small network's layer.
        seed = torch.default_generator.manual_seed if self.device.type == "cpu" else torch.manual_seed
        seed(int(key.generate_state(1, np.uint64)[0]))

    def note(self, **values: Tensor) -> None:
        """Keep scalars of this step for the next time that logs are due, without waiting for the device."""
        self._notes.update({name: value.detach() for name, value in values.items()})

    def _log_if_due(self) -> None:
        every = self.trainer.log_every_n_steps  # type: ignore[attr-defined]
        if self._notes and not self._window and self.discriminator_step % every == 0:
            values = torch.stack([value.float() for value in self._notes.values()])
            average([values])
            row = dict(zip(self._notes, values.tolist(), strict=True))
            shown = [name for name in row if name.startswith("loss_")]
            rates = zip(("lr_generator", "lr_discriminator"), self._schedulers(), strict=True)
            row |= {name: scheduler.get_last_lr()[0] for name, scheduler in rates}
            if self.optimisation.skip_non_finite:
                row["skipped_steps"] = self.skipped_steps
            self.record(row, shown)
            self._notes = {}

    def _stop_if_spent(self) -> None:
        steps, images = self.optimisation.max_generator_steps, self.optimisation.max_images
        if (steps is not None and self.generator_step >= steps) or (images is not None and self.images_seen >= images):
            self._validate_and_stop()

    def _validate_and_stop(self) -> None:
        """The end of a run is validated, whatever the interval between validations."""
        self.trainer.should_stop = True
        if self.trainer.check_val_every_n_epoch is not None:
            self.trainer.check_val_every_n_epoch = 1

    def on_fit_start(self) -> None:
        copy_first(chain(self.parameters(), self.regularisers.buffers()))
        penalties = [module for module in self.modules() if isinstance(module, Penalty)]
        warn_without_lipschitz(self.loss, self.discriminator, penalties, self.constraints.values())
        critics = [module for module in self.discriminator.modules() if isinstance(module, Discriminator)]
        warn_without_energy(self.loss, all(critic.gives_energy for critic in critics))

    def on_train_start(self) -> None:
        self._stop_if_spent()  # a resumed run may have nothing left to do

    def record(self, values: Mapping[str, Tensor | float], shown: Sequence[str]) -> None:
        """Give scalars to callbacks and to every logger, at x = images seen.

        Args:
            values: by name.
            shown: names that also stand in the progress bar.
        """
        scalars = {name: float(value) for name, value in values.items()}
        for name, value in scalars.items():
            self.log(name, value, prog_bar=name in shown, logger=False)
        row = {**scalars, "images_seen": self.images_seen, "generator_step": self.generator_step}
        for logger in self.loggers:
            logger.log_metrics(row, step=self.images_seen)
