"""A folder of its own for every run that is named after the time, and none for a run that has left nothing."""

import itertools
import logging
import os
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, final

from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, read_write


@final
class OwnFolder(Callback):
    """Hydra calls this before it makes the run's folder: a name that is taken gets `-2`, `-3` ... behind it.

    Only names that hold the time are changed. A folder that the user names is taken as it is, and so is the one on
    which the processes that torchrun or SLURM started have agreed.
    """

    new: ClassVar[Path | None] = None
    """The folder of this process's run, if the run makes it and no other process shares it."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        if shared_name() is not None:
            return
        hydra = HydraConfig.instance()
        before = hydra.cfg
        hydra.set_config(config)  # as Hydra itself does before it resolves the name
        try:
            folder = Path(config.hydra.run.dir).absolute()
            if named_after_time(config.hydra.run):
                folder = claimed(folder)
                with read_write(config.hydra.run):
                    config.hydra.run.dir = str(folder)
                OwnFolder.new = folder
            elif not os.path.exists(folder):  # pathlib would raise for a name that is too long
                OwnFolder.new = folder
        finally:
            hydra.cfg = before


def remove_empty() -> None:
    """Remove the folder that this process's run has made, if nothing is in it: the run was refused, or failed."""
    folder, OwnFolder.new = OwnFolder.new, None
    if folder is None:
        return
    with suppress(OSError):  # something is in it
        folder.rmdir()
        for handler in logging.getLogger().handlers[:]:
            # Hydra's log file is made with its first line, which would now find no folder.
            if isinstance(handler, logging.FileHandler) and Path(handler.baseFilename).parent == folder:
                logging.getLogger().removeHandler(handler)


def named_after_time(node: DictConfig) -> bool:
    """Whether `node.dir`, a folder in Hydra's configuration, has the time in its name."""
    unresolved = str(OmegaConf.to_container(node, resolve=False)["dir"])  # type: ignore[call-overload,index]
    return "${now:" in unresolved or "${started:" in unresolved


def claimed(folder: Path) -> Path:
    """Make a folder that was not there before: this one or, if it is there, the first free one of `-2`, `-3` ..."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        own = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        try:
            own.mkdir()  # of several processes that try at the same time, one succeeds
        except FileExistsError:
            continue
        return own
    raise AssertionError


def shared_name() -> str | None:
    """The name under which torchrun or SLURM started several processes of one run; None for a process of its own."""
    run = os.environ.get("TORCHELASTIC_RUN_ID")
    if run is not None:
        return f"torchrun-{run if run != 'none' else _agreed_name()}"
    if os.environ.get("SLURM_NTASKS", "1") != "1":
        from lightning.fabric.plugins.environments.slurm import SLURMEnvironment  # which takes seconds

        if SLURMEnvironment.detect():
            return f"slurm-{os.environ['SLURM_JOB_ID']}"
    return None


@cache
def _agreed_name() -> str:
    """The time at which the first process asked, where the user gave torchrun no name for the run (`--rdzv-id`)."""
    now = f"{datetime.now():%H-%M-%S}"
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return now
    from torch.distributed import TCPStore  # type: ignore[attr-defined]  # which takes seconds

    store = TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), is_master=False)
    key = f"gan_lightning/started/{os.environ['TORCHELASTIC_RESTART_COUNT']}"
    if os.environ["RANK"] == "0":
        store.set(key, now)
    return store.get(key).decode()
