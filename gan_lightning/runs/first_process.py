"""Of several processes that do the same, one speaks."""

import logging

from gan_lightning.loggers import is_rank_zero


def let_the_first_process_speak() -> None:
    """Silence the other processes, but for warnings about pictures: each process has read some of its own."""
    if not is_rank_zero():
        logging.getLogger().setLevel(logging.ERROR)
        logging.getLogger("gan_lightning.data").setLevel(logging.WARNING)
