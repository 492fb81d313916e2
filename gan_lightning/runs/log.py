"""The log in a run's folder."""

import logging
from typing import final


@final
class RunLog(logging.FileHandler):
    """Keeps messages until the run begins, and only then makes or continues its file.

    A start that is refused, or fails, so leaves the log of an earlier run as it was.

    Args:
        filename: of the log.
    """

    def __init__(self, filename: str) -> None:
        super().__init__(filename, encoding="utf-8", delay=True, errors="backslashreplace")
        self.kept: list[logging.LogRecord] | None = []

    def emit(self, record: logging.LogRecord) -> None:
        if self.kept is None:
            super().emit(record)
        else:
            self.kept.append(record)

    def begin(self) -> None:
        """Write what was kept, and from now on everything at once."""
        kept, self.kept = self.kept or [], None
        for record in kept:
            super().emit(record)


def begin_log() -> None:
    """Let the logs of this process begin, where it has any."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, RunLog):
            handler.begin()
