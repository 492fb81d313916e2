"""What all tracking services share: one process reports to them, and their failure never ends a training."""

import logging
import os
from collections.abc import Callable
from typing import final

from lightning.pytorch.utilities import rank_zero_only

log = logging.getLogger(__name__)


def is_rank_zero() -> bool:
    """Whether this is the process that writes, or the one that watches it."""
    # What watches the processes of a second machine has no rank.
    return bool(getattr(rank_zero_only, "rank", 0) == 0) and os.environ.get("NODE_RANK", "0") == "0"


@final
class Service:
    """Calls of a service that a run survives: a warning says which one fails first, and no other is made.

    Args:
        name: for the message.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lost = False

    def __call__(self, report: Callable[[], object]) -> None:
        if not self.lost:
            try:
                report()
            except Exception as error:  # whatever a client makes of a broken pipe; training does not need it
                self.lose(error)

    def lose(self, error: Exception) -> None:
        """Warn that the service failed, and make no further calls."""
        self.lost = True
        reason = " ".join(str(error).split()) or type(error).__name__
        log.warning(
            "%s does not answer any more (%s); the run goes on, and logs/metrics.csv has everything", self.name, reason
        )
