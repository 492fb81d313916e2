"""The configuration inside every checkpoint."""

from typing import Any, final

import lightning.pytorch as L


@final
class Provenance(L.Callback):
    """Puts the resolved configuration, as plain data, into checkpoints and loggers, so that both speak for themselves.

    Args:
        config: plain containers and scalars only, so that a checkpoint can be loaded weights-only.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        for logger in trainer.loggers:
            logger.log_hyperparams(self.config)

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        checkpoint["config"] = self.config
