"""The commands in real processes of their own that need no seconds to import torch: forked from a server that has."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver, get_context, set_start_method
from multiprocessing.context import ForkServerContext
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import torch
from lightning.pytorch.utilities import rank_zero_only

from gan_lightning import commands
from gan_lightning.runs import launch

TINY = [
    *("dataset=fake", "dataset.source.size=72", "dataset.batch_size=8", "dataset.resolution=16", "network.width=4"),
    *("metrics.extractor.images=200", "metrics.num_fake=70", "trainer.max_epochs=3", "trainer.log_every_n_steps=2"),
    *("trainer.accelerator=cpu", "callbacks.progress.refresh_rate=0", "callbacks.newest.every=2"),
    "~callbacks.curves",  # drawing them takes longer than all else
    "callbacks.samples.columns=2",
    "+callbacks.fault._target_=faults.Fault",
]
"""Three epochs of nine batches (of four on two processes), saved every second step and after each epoch."""


def server() -> ForkServerContext:
    """Makes processes that have imported all commands."""
    forkserver.set_forkserver_preload(["warm"])
    with patch.dict(os.environ, {"PYTHONPATH": str(Path(__file__).parent), "OMP_NUM_THREADS": "1"}):
        forkserver.ensure_running()
    return get_context("forkserver")


def finished(target: Callable[..., None], arguments: Sequence[tuple[Any, ...]]) -> None:
    """Call a function in a process for each of some arguments, at the same time, until all of them are done."""
    members = [server().Process(target=target, args=given) for given in arguments]
    for member in members:
        member.start()
    for member in members:
        member.join(200)
    assert [member.exitcode for member in members] == [0] * len(members)


class _Server(NamedTuple):
    """Where the processes of a run come from: the tests' server, which has imported torch already."""

    address: Any
    streams: str

    def reuse(self) -> None:
        """Let this process, which was forked from that server, ask it for others instead of starting another server."""
        ours = forkserver._forkserver
        ours._forkserver_address = self.address
        ours.ensure_running = forkserver.ensure_running = lambda: None
        launch._member = partial(_member, self.streams)


def _member(streams: str, *arguments: Any) -> None:
    """A process of a run. It writes where the process that watches it writes."""
    _write_to(streams)
    os.environ.clear()  # all that it needs it is given
    launch._member(*arguments)


def _write_to(streams: str) -> None:
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(Path(streams, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)


def _child(
    script: str, arguments: list[str], folder: str, streams: str, environment: dict[str, str], others: _Server | None
) -> None:
    os.setsid()  # a terminal's signals reach all processes of a session
    set_start_method("fork", force=True)  # as in a process that was not forked from a server
    if others is not None:
        others.reuse()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # Lightning set it when the server imported it, before anybody knew.
    rank_zero_only.rank = int(environment.get("RANK", environment.get("SLURM_PROCID", "0")))
    _write_to(streams)
    sys.argv = [f"gan-{script}", *arguments]
    getattr(commands, script)()


@dataclass
class Run:
    """A run that was started."""

    process: Any
    streams: Path

    def ended(self, timeout: float = 120) -> int:
        """Its exit status, negative for a signal's number; no process of it is left."""
        self.process.join(timeout)
        alive = self.process.is_alive()
        left = self._left()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        self.process.kill()
        if alive or left:
            raise TimeoutError(f"{'the run' if alive else left} did not end\n{self.told()}")
        return self.process.exitcode

    def told(self) -> str:
        """All that it has written."""
        return self.written("out") + self.written("err")

    def written(self, stream: str) -> str:
        """What it has written to standard output, `out`, or to standard error, `err`."""
        file = self.streams / stream
        return file.read_text() if file.exists() else ""

    def members(self, count: int) -> list[int]:
        """Its training processes, as soon as so many have begun to train."""
        for _ in range(600):
            found = self._members()
            if len(found) == count:
                return found
            time.sleep(0.1)
        raise TimeoutError(self.told())

    def _members(self) -> list[int]:
        return [int(path.name) for path in (self.streams / "members").glob("*")]

    def _left(self) -> list[int]:
        """Those that still run a moment later: a supervisor that was killed cannot wait for its processes."""
        for _ in range(100):
            running = [pid for pid in self._members() if _runs(pid)]
            if not running:
                break
            time.sleep(0.1)
        return running


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def start(
    *arguments: str,
    folder: Path,
    fault: dict[str, Any] | None = None,
    script: str = "train",
    streams: Path | None = None,
    own_server: bool = False,
    **environment: str,
) -> Run:
    """Start `gan-train ARGUMENTS`, or another script, in a folder; what it writes is kept in `streams`, or there.

    With a server of its own, as a user's, it needs seconds to start several processes.
    """
    streams = streams or folder
    for name in ("out", "err"):
        (streams / name).unlink(missing_ok=True)
    members = streams / "members"
    members.mkdir(exist_ok=True)
    for earlier in members.iterdir():
        earlier.unlink()
    settings = {"FAULT": json.dumps(fault or {}), "MEMBERS": str(members), "OMP_NUM_THREADS": "1"}
    environment = {**os.environ, **settings, **environment}
    context = server()
    others = None if own_server else _Server(forkserver._forkserver._forkserver_address, str(streams))
    given = (script, list(arguments), str(folder), str(streams), environment, others)
    process = context.Process(target=_child, args=given)
    process.start()
    return Run(process, streams)


def gan_train(*arguments: str, folder: Path, **settings: Any) -> tuple[int, str]:
    """Run `gan-train ARGUMENTS` in a folder to its end: exit status and all that it wrote. Settings as for `start`."""
    run = start(*arguments, folder=folder, **settings)
    return run.ended(), run.told()


def command(script: str, *arguments: str, cwd: Path, **environment: str) -> CompletedProcess[str]:
    """Run `SCRIPT ARGUMENTS`, such as `gan-report run`, in a folder to its end, and leave nothing else there."""
    with TemporaryDirectory() as streams:
        settings = {"script": script.removeprefix("gan-"), "streams": Path(streams), "COLUMNS": "150", **environment}
        run = start(*arguments, folder=cwd, **settings)
        return CompletedProcess([script, *arguments], run.ended(300), run.written("out"), run.written("err"))


def end_of(run: Path) -> dict[str, Any]:
    """What the newest checkpoint holds, but for the run's own folder."""
    content = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)
    best = [state["best_model_score"] for name, state in content["callbacks"].items() if "ModelCheckpoint" in name]
    kept = ("epoch", "global_step", "state_dict", "optimizer_states", "lr_schedulers", "counters", "processes")
    return {"best": best, **{name: content[name] for name in kept}}


def assert_same(ours: Any, theirs: Any, where: str = "") -> None:
    """Equal to the last bit."""
    assert type(ours) is type(theirs), where
    if isinstance(ours, torch.Tensor):
        assert torch.equal(ours, theirs), where
    elif isinstance(ours, dict):
        assert list(ours) == list(theirs), where
        for key in ours:
            assert_same(ours[key], theirs[key], f"{where}.{key}")
    elif isinstance(ours, list):
        assert len(ours) == len(theirs), where
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            assert_same(a, b, f"{where}.{i}")
    else:
        assert ours == theirs, where
