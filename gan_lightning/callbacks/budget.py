"""A run's budget: whether it is enough, and its validations spread over it."""

import logging
import math
from typing import Any, final

import lightning.pytorch as L

from gan_lightning.errors import SettingError

log = logging.getLogger(__name__)

VALIDATIONS = 16
"""In a run whose settings do not say when to validate."""

LEAST_BETWEEN = 1000
"""Images between two of them, so that a short run does not spend its time on validations."""

FEW_STEPS = 1000
"""Of the generator. Fewer teach even small networks little."""


@final
class Budget(L.Callback):
    """Warns of a budget too small to learn anything, and validates at even distances, which it tells.

    Where neither `trainer.check_val_every_n_epoch` nor `trainer.val_check_interval` is set, there are `VALIDATIONS`
    validations, the last one at the end, or fewer so that they are `LEAST_BETWEEN` images apart. They are counted in
    batches, across epochs, so that their number does not depend on the size of the data; in a run whose only budget is
    `trainer.max_epochs`, in whole epochs.

    Raises:
        SettingError: before the first step, if the budget is too small for a single one of the generator.
    """

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        # Lightning's 1.0 stands for an interval that was not given; across epochs it is no valid one.
        given = trainer.check_val_every_n_epoch is not None or trainer.val_check_interval != 1.0
        if given:
            return
        batches = _batches(trainer, pl_module)
        if batches is None:
            trainer.check_val_every_n_epoch = math.ceil((trainer.max_epochs or 1) / VALIDATIONS)
        else:
            least = LEAST_BETWEEN / _images_per_batch(trainer)
            trainer.val_check_interval = math.ceil(max(batches / VALIDATIONS, least))

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        budgets = [_batches(trainer, pl_module)]
        if trainer.max_epochs not in (None, -1):
            budgets.append(trainer.max_epochs * trainer.num_training_batches)  # type: ignore[arg-type]
        batches = min(count for count in budgets if count is not None)
        images = batches * _images_per_batch(trainer)
        per_step = pl_module.critic_steps * pl_module.optimisation.accumulate
        steps = batches // per_step
        if steps == 0:
            raise SettingError(
                f"model.optimisation.accumulate={pl_module.optimisation.accumulate} "
                f"model.critic_steps={pl_module.critic_steps}: a generator step takes {per_step:,} batches, and the "
                f"budget is {batches:,}, so nothing would be learnt; choose smaller numbers, or a larger budget: "
                f"max_images={FEW_STEPS * per_step * _images_per_batch(trainer)}"
            )
        if not trainer.is_global_zero:
            return
        log.info("Validation after every %s", _interval(trainer))
        if steps < FEW_STEPS:
            enough = math.ceil(FEW_STEPS / steps) * images
            log.warning(
                "This budget is too small to learn much: networks need thousands of generator steps, here are %s; a "
                "larger one: max_images=%s",
                *(f"{steps:,}", enough),
            )


def _images_per_batch(trainer: L.Trainer) -> int:
    """Over all processes."""
    size: int = trainer.datamodule.batch_size  # type: ignore[attr-defined]
    return size * trainer.world_size


def _batches(trainer: L.Trainer, module: Any) -> int | None:
    """How many batches the budgets in images and in generator steps leave; None without any."""
    optimisation = module.optimisation
    budgets = []
    if optimisation.max_images is not None:
        budgets.append(math.ceil(optimisation.max_images / _images_per_batch(trainer)))
    if optimisation.max_generator_steps is not None:
        budgets.append(optimisation.max_generator_steps * module.critic_steps * optimisation.accumulate)
    return min(budgets, default=None)


def _interval(trainer: L.Trainer) -> str:
    """When the trainer validates, in words."""
    epochs, batches = trainer.check_val_every_n_epoch, trainer.val_check_interval
    if epochs is None:
        return f"{batches * _images_per_batch(trainer):,} images"
    if batches != 1.0:
        return f"{trainer.val_check_batch:,} batches of an epoch"
    return "epoch" if epochs == 1 else f"{epochs} epochs"
