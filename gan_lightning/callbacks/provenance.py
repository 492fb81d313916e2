"""The configuration of a run, in every checkpoint and logger."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import lightning.pytorch as L

from gan_lightning.loggers import log_settings, log_start


@final
class Provenance(L.Callback):
    """Puts the resolved configuration, as plain data, into checkpoints and loggers, so that each can be understood
    alone. Loggers also learn where the run begins or goes on.

    Args:
        config: plain containers and scalars only, so that a checkpoint can be loaded weights-only.
        protocol: of the scores; loggers get it beside the configuration.
        scores: names of the scores that will be logged.
    """

    def __init__(self, config: dict[str, Any], protocol: Mapping[str, Any], scores: Sequence[str]) -> None:
        self.config, self.protocol, self.scores = config, protocol, scores

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        if trainer.is_global_zero:
            for logger in trainer.loggers:
                log_settings(logger, {**self.config, "protocol": dict(self.protocol)}, self.scores)

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        if trainer.is_global_zero:
            for logger in trainer.loggers:
                log_start(logger, pl_module.images_seen)

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        checkpoint["config"] = self.config
