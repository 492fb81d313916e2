"""Whether Lightning's own callbacks watch values that this run has when they look."""

from collections.abc import Mapping, Sequence
from typing import Any

from gan_lightning.errors import SettingError

_AT_EPOCHS = {"EarlyStopping": "check_on_train_epoch_end", "ModelCheckpoint": "save_on_train_epoch_end"}
"""By class, the setting that lets a callback look at the end of every epoch instead of after validations."""
_OTHER_TIMES = ("every_n_train_steps", "every_n_epochs", "train_time_interval")


def check_monitors(callbacks: Mapping[str, Any], scores: Sequence[str]) -> None:
    """Refuse what Lightning would notice only at the first validation.

    Args:
        callbacks: configurations by name; that of `best` has the score that chooses the best checkpoint.
        scores: names of what a validation computes.

    Raises:
        SettingError: a callback looks after validations for what these do not compute, or keeps the same checkpoints
            as `best`.
    """
    best = callbacks.get("best", {})
    for name, settings in callbacks.items():
        kind = str(settings.get("_target_")).rpartition(".")[2]
        at_epochs = _AT_EPOCHS.get(kind)
        monitor = settings.get("monitor")
        if name == "best" or at_epochs is None or monitor is None:
            continue
        if monitor not in scores and settings.get(at_epochs) is not True:
            raise SettingError(
                f"callbacks.{name}.monitor={monitor}: a validation of this run computes "
                f"{', '.join(scores) or 'no scores'}; what is logged while training can be watched at the end of "
                f"epochs, with +callbacks.{name}.{at_epochs}=true and trainer.log_every_n_steps=1"
            )
        alike = kind == "ModelCheckpoint" and settings.get("mode", "min") == best.get("mode", "min")
        if alike and monitor == best.get("monitor") and all(settings.get(time) is None for time in _OTHER_TIMES):
            raise SettingError(
                f"callbacks.{name}.monitor={monitor}: callbacks.best keeps the checkpoint with the best {monitor} "
                "already; callbacks.newest.keep=5 also keeps those of the last five validations"
            )
