"""The devices that a trainer asks for, whether this machine has them, and the cores of each process."""

import os

import torch
from omegaconf import DictConfig, ListConfig
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.processes.cores import granted
from gan_lightning.processor import runs_lstm_in_bfloat16


def check_accelerator(accelerator: str) -> None:
    """Refuse a kind of device that is not there, before the data are read.

    Raises:
        SettingError: it is not.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    there["gpu"] = any(there.values())
    if not there.get(accelerator, True):
        raise SettingError(
            f"trainer.accelerator={accelerator}: PyTorch finds no such device here; leave out trainer=gpu or "
            "trainer.accelerator, and the run takes the best device that there is"
        )


def check_precision(trainer: DictConfig, model: nn.Module) -> None:
    """Refuse bfloat16 for networks that torch cannot compute in it on this processor.

    Raises:
        SettingError: the model has such networks.
    """
    gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    on_cpu = trainer.accelerator == "cpu" or (trainer.accelerator == "auto" and not gpu)
    if (
        not on_cpu
        or trainer.precision != "bf16-mixed"
        or not any(isinstance(part, nn.LSTM) for part in model.modules())
    ):
        return
    if not runs_lstm_in_bfloat16():
        raise SettingError(
            "trainer.precision=bf16-mixed: torch has no LSTM in bfloat16 for this processor; use 32-true"
        )


def devices_wanted(trainer: DictConfig) -> int:
    """How many devices a trainer without a strategy for several is asked for.

    Raises:
        SettingError: it names devices that are not there.
    """
    devices, gpus = trainer.devices, torch.cuda.device_count()
    if isinstance(devices, ListConfig):
        return len(_numbers(trainer))
    if devices in ("auto", -1, "-1"):
        return 1 if trainer.accelerator == "cpu" else max(1, gpus)
    if not isinstance(devices, int) or devices < 1:
        raise SettingError(f"devices={devices}: a whole number from 1, or a list of GPUs such as 'devices=[0]'")
    return devices


def take_gpu(trainer: DictConfig) -> None:
    """Make the GPU that a single process trains on the current one, which scores use as well, from their first image.

    Args:
        trainer: whose devices are there.
    """
    if torch.cuda.is_available() and trainer.accelerator in ("auto", "gpu", "cuda"):
        torch.cuda.set_device(trainer.devices[0] if isinstance(trainer.devices, ListConfig) else 0)


def _numbers(trainer: DictConfig) -> list[int]:
    """The numbers of the GPUs that a trainer names.

    Raises:
        SettingError: it names none, one that is not there, or one twice; or it trains on something else.
    """
    numbers, gpus = list(trainer.devices), torch.cuda.device_count()
    if not numbers:
        raise SettingError("devices=[]: names no device; use devices=1, or the number of a GPU as 'devices=[0]'")
    if trainer.accelerator in ("cpu", "mps"):
        raise SettingError(
            f"devices={numbers}: names GPUs by number, but trainer.accelerator={trainer.accelerator}; use devices=1"
        )
    if not all(0 <= number < gpus for number in numbers):
        there = f"has GPUs 0 to {gpus - 1}" if gpus else "has none"
        raise SettingError(f"devices={numbers}: names GPUs by number, and this machine {there}; or devices=1")
    if len({*numbers}) < len(numbers):
        raise SettingError(f"devices={numbers}: names a GPU twice")
    return numbers


def processes_of(trainer: DictConfig) -> int:
    """How many processes this machine has to run.

    Raises:
        SettingError: it lacks the devices, or does not know the other machines.
    """
    devices = trainer.devices
    gpus = torch.cuda.device_count()
    if isinstance(devices, ListConfig):
        return len(_numbers(trainer))
    count = (gpus if trainer.accelerator == "gpu" else 1) if devices in ("auto", -1, "-1") else devices
    if not isinstance(count, int) or count < 1 or (trainer.accelerator == "gpu" and count > gpus):
        raise SettingError(
            f"devices={devices}: this machine has {gpus} GPUs; trainer=ddp takes 1 to that many, "
            "trainer=ddp_cpu any number of processes without one"
        )
    if trainer.num_nodes > 1 and not {"MASTER_ADDR", "MASTER_PORT", "NODE_RANK"} <= os.environ.keys():
        raise SettingError(
            f"num_nodes={trainer.num_nodes}: start the same command on every machine, with srun or torchrun or with "
            "MASTER_ADDR, MASTER_PORT and NODE_RANK in the environment (docs/scaling.md)"
        )
    return count


def share_cores(processes: int) -> None:
    """Give this process as many threads as each of so many has cores, unless the user has set OMP_NUM_THREADS.

    The load of the machine does not matter: with another number of threads, sums are rounded otherwise, and a resumed
    run would not go on to the last bit.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, min(torch.get_num_threads(), granted() // processes)))
