"""Processes that train one model must have read the same data."""

import os
import socket
from collections.abc import Mapping
from typing import Any, final

import lightning.pytorch as L

from gan_lightning.distributed import gather
from gan_lightning.errors import SettingError
from gan_lightning.nested import leaves


@final
class Agreement(L.Callback):
    """Compares what every process has read, as soon as the processes can talk and before anything depends on it.

    Args:
        facts: plain data that have to be equal: numbers and fingerprints of pictures, the protocol of the scores, the
            images seen by the checkpoint that a run goes on from.

    Raises:
        SettingError: at set-up, the same on every process: they differ.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = dict(facts)

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        own = {" ".join(path): value for path, value in leaves(self.facts)}
        found = gather((socket.gethostname(), os.getpid(), own))
        _, _, first = found[0]
        for rank, (host, number, facts) in enumerate(found):
            differing = [key for key in {**first, **facts} if first.get(key) != facts.get(key)]
            if differing:
                differences = ", ".join(
                    f"{key} {_value(facts, key)} instead of {_value(first, key)}" for key in differing
                )
                raise SettingError(
                    f"process {rank} of {len(found)} (number {number} on {host}) reads other data than process 0: "
                    f"{differences}; every process needs the same data, run folder and cache_dir"
                )


def _value(facts: Mapping[str, Any], key: str) -> str:
    value = facts.get(key, "nothing")
    return f"{value[0]} ({value[1]})" if isinstance(value, list) and len(value) == 2 else str(value)
