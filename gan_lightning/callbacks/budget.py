"""A run's budget: whether it is large enough, and when the run validates."""

import logging
import math
from typing import Any, final

import lightning.pytorch as L

from gan_lightning.counting import counted, limited
from gan_lightning.errors import SettingError

log = logging.getLogger(__name__)

VALIDATIONS = 16
"""How often a run validates, unless its settings say when."""

LEAST_BETWEEN = 1000
"""Smallest number of images between two validations, so that a short run does not spend its time on them."""

FEW_STEPS = 1000
"""Generator steps. With fewer, even small networks learn little."""


def spread_validations(trainer: L.Trainer, module: Any, images_per_batch: int) -> None:
    """Let a trainer validate `VALIDATIONS` times, evenly over its run, unless its settings say when.

    The last validation is at the end. There are fewer where they would be less than `LEAST_BETWEEN` images apart. They
    are counted in batches across epochs, so that their number does not depend on the size of the data. If
    `trainer.max_epochs` is the only budget, they are counted in whole epochs.

    Args:
        trainer: before it is fitted.
        module: the model.
        images_per_batch: real images of a batch, over all processes.
    """
    # Lightning's 1.0 means that no interval was set; it is not a valid interval across epochs.
    if trainer.check_val_every_n_epoch is not None or trainer.val_check_interval != 1.0:
        return
    batches = _batches(module, images_per_batch)
    if batches is None:
        trainer.check_val_every_n_epoch = math.ceil((trainer.max_epochs or 1) / VALIDATIONS)
    else:
        least = LEAST_BETWEEN / images_per_batch
        trainer.val_check_interval = math.ceil(max(batches / VALIDATIONS, least))


def validation_interval(trainer: L.Trainer, images_per_batch: int) -> str:
    """How far apart validations are, in words."""
    epochs, interval = trainer.check_val_every_n_epoch, trainer.val_check_interval
    if epochs is None:
        return counted(round(interval * images_per_batch), "image")
    if interval != 1.0:
        return f"{interval:g} of an epoch" if isinstance(interval, float) else f"{_in_words(interval)} of an epoch"
    return "epoch" if epochs == 1 else f"{epochs} epochs"


@final
class Budget(L.Callback):
    """Warns of a budget that is too small to learn much.

    Raises:
        SettingError: before the first step, if the budget is smaller than one generator step, or a setting of the
            trainer does not fit the number of batches in an epoch.
    """

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        _check_batches(trainer)

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        per_batch = trainer.datamodule.batch_size * trainer.world_size  # type: ignore[attr-defined]
        budgets = [_batches(pl_module, per_batch)]
        if trainer.max_epochs not in (None, -1):
            budgets.append(trainer.max_epochs * trainer.num_training_batches)  # type: ignore[arg-type]
        batches = min(count for count in budgets if count is not None)
        critic_steps = pl_module.windows_per_round
        per_step = critic_steps * pl_module.optimisation.accumulate
        steps = pl_module.generator_updates(batches // pl_module.optimisation.accumulate)
        if steps == 0:
            raise SettingError(
                f"model.optimisation.accumulate={pl_module.optimisation.accumulate} "
                f"model.critic_steps={critic_steps}: a generator step takes {per_step:,} batches, and the "
                f"budget is {batches:,}, so nothing would be learnt; choose smaller numbers, or a larger budget: "
                f"max_images={FEW_STEPS * per_step * per_batch}"
            )
        if trainer.is_global_zero and steps < FEW_STEPS:
            enough = FEW_STEPS * per_step * per_batch
            log.warning(
                "This budget is too small to learn much: the generator takes %s, and even a small one needs "
                "%s or more. For a longer run: max_images=%s",
                *(counted(steps, "step"), f"{FEW_STEPS:,}", enough),
            )


def _check_batches(trainer: L.Trainer) -> None:
    """Refuse what Lightning would refuse, or silently change, once it knows how many batches an epoch has."""
    batches = len(trainer.datamodule.train_dataloader())  # type: ignore[attr-defined]
    limit, interval = trainer.limit_train_batches, trainer.val_check_interval
    used = limited(batches, limit)
    if used == 0:
        raise SettingError(
            f"trainer.limit_train_batches={limit}: an epoch has {_in_words(batches)}, of which this is less than one; "
            f"a number of batches from 1, or a share from {1 / batches:.3g}"
        )
    if isinstance(interval, int) and interval > used and trainer.check_val_every_n_epoch is not None:
        raise SettingError(
            f"trainer.val_check_interval={interval}: an epoch has {_in_words(used)}; a smaller number, or "
            "trainer.check_val_every_n_epoch=null to count the batches across epochs"
        )
    if isinstance(interval, float) and interval < 1 and int(interval * used) == 0:
        raise SettingError(
            f"trainer.val_check_interval={interval}: an epoch has {_in_words(used)}, of which this is less than one; a "
            f"number of batches from 1, or a share from {1 / used:.3g}"
        )


def _in_words(batches: int) -> str:
    return counted(batches, "batch", "batches")


def _batches(module: Any, images_per_batch: int) -> int | None:
    """How many batches the budgets in images and in generator steps allow; None if neither is set."""
    optimisation = module.optimisation
    budgets = []
    if optimisation.max_images is not None:
        budgets.append(math.ceil(optimisation.max_images / images_per_batch))
    if optimisation.max_generator_steps is not None:
        windows = module.windows_before_rounds + optimisation.max_generator_steps * module.windows_per_round
        budgets.append(windows * optimisation.accumulate)
    return min(budgets, default=None)
