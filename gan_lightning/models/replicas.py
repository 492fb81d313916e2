"""Lightning's strategy for several processes that each have a copy of the model."""

from datetime import timedelta
from typing import Any, final

from lightning.pytorch.strategies import DDPStrategy

from gan_lightning import distributed
from gan_lightning.errors import FaultError
from gan_lightning.ranges import Positive, within


@final
class Replicas(DDPStrategy):
    """Distributed data parallel whose model averages its gradients itself, once per optimizer step.

    A wrapper that reduces gradients during each backward pass would have to search the graph of every loss for the
    parameters of the side that does not step, and would broadcast the buffers that every process keeps for itself;
    one message after the backward passes needs neither and is as fast (`benchmarks/ddp.py`).

    Args:
        timeout: seconds that a process waits for the others, when they find each other and in every message.

    Raises:
        SettingError: `timeout` is not positive.
    """

    def __init__(self, timeout: Positive) -> None:
        within("trainer.strategy.timeout", Positive, timeout)
        super().__init__(timeout=timedelta(seconds=timeout))
        self.seconds = timeout

    def configure_ddp(self) -> None:
        """Nothing is wrapped."""


def lost_touch(error: Exception, strategy: Any) -> FaultError | None:
    """The message of a process that waited for others too long; None for another error or another strategy."""
    return distributed.lost_touch(error, strategy.seconds) if isinstance(strategy, Replicas) else None
