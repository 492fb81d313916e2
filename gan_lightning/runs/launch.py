"""One job on several processes of this machine: started together, watched, ended together.

Lightning would start the other processes by repeating the command line, which inside a sweep starts the sweep again.
Here the composed configuration travels instead, and whoever watches is not a member of the group, so that no death of a
process can leave the others waiting. torch's `elastic_launch` does not replace this: its processes go on when the one
that watches is killed, a process that is stopped is not named, and SIGUSR1 reaches them as SIGTERM.
"""

import logging.config
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import get_context, get_start_method, set_start_method
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import setup_globals
from hydra.types import RunMode
from lightning.fabric.plugins.environments.lightning import find_free_network_port
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning.pytorch.utilities import rank_zero_only
from omegaconf import DictConfig, OmegaConf
from torch.multiprocessing.spawn import ProcessContext, ProcessExitedException, start_processes

from gan_lightning.console import cli
from gan_lightning.console.output import keep_output_from_failing
from gan_lightning.distributed import LEFT_ALONE
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.out_of_memory import KILLED
from gan_lightning.processes.helpers import start_multiprocessing, waking
from gan_lightning.processes.line import BEAT, Line
from gan_lightning.processes.requests import REQUESTS, EndRequest, answer, requests_first
from gan_lightning.processes.watch import Watch, requests_kept
from gan_lightning.runs.devices import check_accelerator, devices_wanted, processes_of, share_cores, take_gpu
from gan_lightning.runs.owner import join, read

Result = TypeVar("Result")

MOST_CHARACTERS = 10_000
"""Characters of a message to the supervisor; a pipe holds more, so that no process has to wait."""

GRACE = 10.0
"""Seconds that processes get to end by themselves after one of them failed, and again after they were asked to."""


class Advice(NamedTuple):
    """What messages about a process that died tell the user to do.

    Attributes:
        to_lower: the settings that matter where memory ran out.
        go_on: says for the run's folder how to go on.
    """

    to_lower: str
    go_on: Callable[[Path], str]


class _Orders(NamedTuple):
    """What a process needs to know beside the configuration."""

    environment: Mapping[str, str]
    folder: str
    hydra: Any
    processes: int
    start_method: str


def launch(config: DictConfig, work: Callable[[DictConfig], Result], advice: Advice) -> Result:
    """Call `work(config)` here, or in as many processes as its trainer asks for, and return what the first one does.

    torchrun and SLURM start all processes themselves: each of them then calls this and works. A single task of SLURM,
    as its launcher for sweeps makes one, starts them as any machine does.

    Args:
        config: of the command.
        work: what each process does.
        advice: for messages.

    Raises:
        SettingError: the trainer asks for devices that are not there.
        FaultError: a process died.
    """
    trainer = config.trainer
    if trainer.strategy == "auto":
        check_accelerator(trainer.accelerator)
    if trainer.strategy == "auto" and (devices_wanted(trainer) != 1 or trainer.num_nodes != 1):
        raise SettingError(
            f"devices={trainer.devices} num_nodes={trainer.num_nodes}: several processes need trainer=ddp, or "
            "trainer=ddp_cpu without a GPU"
        )
    tasks = SLURMEnvironment.detect() and os.environ["SLURM_NTASKS"] != "1"
    started = TorchElasticEnvironment.detect() or tasks or "LOCAL_RANK" in os.environ
    if started and trainer.strategy != "auto" and HydraConfig.get().mode == RunMode.MULTIRUN:
        raise SettingError(
            "-m: torchrun and SLURM would start a whole sweep in each process; start a sweep without them"
        )
    if trainer.strategy == "auto":
        take_gpu(trainer)
    if trainer.strategy == "auto" or started:
        share_cores(1)
        return work(config)
    if not isinstance(trainer.strategy, DictConfig):
        raise SettingError(
            f"trainer.strategy={trainer.strategy}: several processes need trainer=ddp, or trainer=ddp_cpu without a GPU"
        )
    return _supervise(config, work, processes_of(trainer), advice)


def _supervise(config: DictConfig, work: Callable[[DictConfig], Result], count: int, advice: Advice) -> Result:
    """Start `count` processes and wait for their end; if one fails or falls silent, end the others."""
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(find_free_network_port()), "NODE_RANK": "0"}
    # In a single task of SLURM Lightning would expect a task for each process, but not if it has this name.
    task = {"SLURM_JOB_NAME": "interactive"} if "SLURM_NTASKS" in os.environ else {}
    orders = _Orders(
        environment={**address, **os.environ, **task},
        folder=os.getcwd(),
        hydra=_plain(HydraConfig.instance().cfg),
        processes=count,
        start_method=get_start_method(),
    )
    ours, theirs = zip(*(get_context("forkserver").Pipe() for _ in range(count)), strict=True)
    with requests_kept() as requests:
        processes = _start((config, work, orders, theirs), count)
        for end in theirs:
            end.close()  # so that the death of a process is noticed
        numbers = [process.pid for process in processes.processes]
        watch = Watch(ours, numbers, config.trainer.strategy.timeout)
        requests.deliver_to(watch)
        try:
            with waking(numbers):
                failed = _joined(processes, watch)
        finally:
            watch.kill()  # which waits for them; none is left, unless this process itself fails
    if failed is None and watch.silent is None:
        first: Result = watch.answers[0]
        return first
    statuses = [process.exitcode for process in processes.processes]
    raise _reason(failed, statuses, watch, Path(config.run_dir), advice)


def _start(arguments: tuple[Any, ...], count: int) -> ProcessContext:
    """Start processes in which requests to end wait until they can be answered."""
    start_multiprocessing(arguments[1].__module__)
    return start_processes(_member, arguments, nprocs=count, join=False, start_method="forkserver")


def _joined(processes: ProcessContext, watch: Watch) -> ProcessExitedException | None:
    """Wait until all have ended, and return which of them failed first."""
    try:
        while not processes.join(timeout=BEAT, grace_period=GRACE):
            watch.listen()
            watch.end_if_stuck(GRACE)
    except ProcessExitedException as error:
        return error
    return None


def _plain(config: Any) -> Any:
    """Hydra's configuration without the classes of its schemas, which are others in the workers of some launchers."""
    return None if config is None else OmegaConf.to_container(config)


def _reason(
    failed: ProcessExitedException | None, statuses: Sequence[int], watch: Watch, run_dir: Path, advice: Advice
) -> BaseException:
    """What ended the run: the user, a process that stopped, a signal from elsewhere, or an error of one process."""
    ended = failed is None or failed.exit_code > 128 or failed.signal_name is not None
    if watch.asked and (ended or len(watch.asked) > 1):
        return _asked_to_end(watch.asked[-1], run_dir)
    if watch.silent is not None:
        return FaultError(f"{watch.silent}; the others were stopped; {advice.go_on(run_dir)}")
    assert failed is not None
    if failed.exit_code > 128:
        return SystemExit(failed.exit_code)
    unsaid = FaultError(f"process {failed.error_index} ended with status {failed.exit_code}")
    reason: BaseException = watch.answers.get(failed.error_index, unsaid)
    killed = failed.error_index if failed.signal_name is not None else None
    if killed is None and LEFT_ALONE in str(reason):  # the one that missed another was noticed before that one
        killed = next((rank for rank, status in enumerate(statuses) if status < 0), None)
    if killed is None:
        return reason
    name = signal.Signals(-statuses[killed]).name
    if name == signal.SIGINT.name:  # Ctrl-C twice
        return SystemExit(128 + signal.SIGINT)
    why = f"; SIGKILL means {KILLED}: {advice.to_lower}" if name == signal.SIGKILL.name else ""
    return FaultError(
        f"process {killed} of {watch.count} was ended by {name}; the others were stopped; {advice.go_on(run_dir)}{why}"
    )


def _asked_to_end(number: int, run_dir: Path) -> SystemExit:
    """The end that a signal asked for. Before the first step the processes say nothing of it, so this one does."""
    owner = read(run_dir)
    return SystemExit(128 + number) if owner is not None and owner.begun else EndRequest(number)


def _member(
    rank: int,
    config: DictConfig,
    work: Callable[[DictConfig], Any],
    orders: _Orders,
    ends: Sequence[Connection],
) -> None:
    """What each process does."""
    os.setsid()  # the terminal's signals reach the supervisor, which passes them on once
    keep_output_from_failing()
    for other, end in enumerate(ends):
        if other != rank:
            end.close()
    line = Line(ends[rank])
    answer()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, REQUESTS)
    try:
        with requests_first():
            _set_up(rank, orders)
            line.keep()
            join(Path(config.run_dir))
            line.answer(work(config))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except cli.users_errors() as error:
        kind = FaultError if isinstance(error, FaultError) else SettingError
        line.answer(kind(cli.sentence(error)[:MOST_CHARACTERS]))
        sys.exit(1)
    except Exception:
        line.answer(RuntimeError(f"process {rank}:\n{traceback.format_exc()[-MOST_CHARACTERS:]}"))
        sys.exit(1)


def _set_up(rank: int, orders: _Orders) -> None:
    """Make this process a member of the group, with the configuration and the log of the one that watches."""
    os.chdir(orders.folder)
    os.environ.update(orders.environment, LOCAL_RANK=str(rank))
    # Readers of data must be this process's own children, which notice its death, and not the fork server's.
    set_start_method(orders.start_method, force=True)
    # Lightning set it when it was imported, before the rank was known.
    rank_zero_only.rank = int(os.environ["NODE_RANK"]) * orders.processes + rank  # type: ignore[attr-defined]
    share_cores(orders.processes)
    if orders.hydra is not None:
        setup_globals()
        typed = OmegaConf.create({"hydra": HydraConf})
        OmegaConf.set_struct(typed.hydra, False)  # Hydra itself adds a key that its schema lacks
        typed.merge_with(orders.hydra)
        HydraConfig.instance().set_config(typed)
        settings: Any = OmegaConf.to_container(HydraConfig.get().job_logging, resolve=True)
        logging.config.dictConfig(settings)
        cli.quieten_logs()
