"""Makes a run fail, for real, at a chosen moment.

`+callbacks.fault._target_=faults.Fault` puts it into a run; the environment's `FAULT` says what happens, so that the
same command runs again without. It is JSON: `event`, its number `at`, the `action`, and the `rank` that it happens to.
Every process of the run leaves its number in the folder `MEMBERS`.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning.pytorch as L
import torch

from gan_lightning.errors import SettingError


class Fault(L.Callback):
    """Counts every kind of event, and acts when the plan's comes for the `at`-th time (from 1)."""

    def __init__(self) -> None:
        self.plan: dict[str, Any] = json.loads(os.environ.get("FAULT", "{}"))
        self.counts: dict[str, int] = {}
        self.happened("setup")

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        self.trainer, self.module = trainer, pl_module
        if self.plan.get("rank", trainer.global_rank) != trainer.global_rank:
            self.plan = {}
        step, fsync, replace = pl_module.update, os.fsync, Path.replace

        def between(player: str, losses: Any, waits: Any = None) -> None:
            if player == "generator":
                self.happened("between")
            step(player, losses, waits)

        def writing(file: int) -> None:
            if "status" not in os.readlink(f"/proc/self/fd/{file}"):
                self.happened("write", lambda: os.ftruncate(file, os.fstat(file).st_size // 2))
            fsync(file)

        def moving(path: Path, target: Path) -> Path:
            if path.suffix in (".ckpt", ".partial") and "status" not in path.name:
                self.happened("move")
            return replace(path, target)

        self.happened("fit")
        if self.plan:
            pl_module.update = between
            os.fsync = writing
            Path.replace = moving

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        members = Path(os.environ["MEMBERS"])
        members.mkdir(exist_ok=True)
        (members / str(os.getpid())).touch()

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        self.batch = batch
        self.happened("batch")

    def on_validation_batch_end(self, *_: Any) -> None:
        self.happened("validation")

    def happened(self, event: str, first: Callable[[], None] = lambda: None) -> None:
        """Count it, and act if it is the plan's."""
        self.counts[event] = self.counts.get(event, 0) + 1
        if (event, self.counts[event]) == (self.plan.get("event"), self.plan.get("at")):
            first()
            getattr(self, self.plan["action"])()

    # --- actions ---

    def interrupt_all(self) -> None:
        """What Ctrl-C does in a terminal: every process of the group gets it."""
        os.killpg(os.getpgid(0), signal.SIGINT)

    def nothing_is_finite_for_d(self) -> None:
        self.module.discriminator_loss = lambda *_: self.module.discriminator.parameters().__next__().sum() * torch.nan

    def explain_at_length(self) -> None:
        raise RuntimeError("x" * 200_000)

    def kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def sigint(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    def sigint_twice(self) -> None:
        self.sigint()
        self.sigint()

    def sigterm(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    def sigusr1(self) -> None:
        os.kill(os.getpid(), signal.SIGUSR1)

    def sighup(self) -> None:
        os.kill(os.getpid(), signal.SIGHUP)

    def stop(self) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def hang(self) -> None:
        while True:
            time.sleep(60)

    def fail(self) -> None:
        raise SettingError("fault: as planned")

    def nan(self) -> None:
        self.batch[0][0] = torch.nan

    def infinite(self) -> None:
        self.batch[0][0] = torch.inf

    def no_space(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    def no_space_at_all(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))

    def no_folder(self) -> None:
        folder = Path(self.trainer.default_root_dir, "checkpoints")
        folder.rename(folder.with_name("moved"))
        folder.write_text("in the way")

    def kill_readers(self) -> None:
        for pid in _children():
            os.kill(pid, signal.SIGKILL)

    def kill_wandb(self) -> None:
        for pid in _children():
            if b"wandb" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)

    def break_pictures(self) -> None:
        for picture in Path(os.environ["PICTURES"]).glob("*.png"):
            if int(picture.stem) % 10 == 3:
                picture.write_bytes(picture.read_bytes()[:100])

    def lose_pictures(self) -> None:
        shutil.rmtree(os.environ["PICTURES"])


class Bug(Fault):
    """What no setting explains, for as long as the environment has `BUG`: an error, or a library that leaves."""

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if os.environ.get("BUG") == "exit":
            sys.exit(3)
        if "BUG" in os.environ:
            raise ZeroDivisionError("a bug")


def _children() -> list[int]:
    told = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "pid="], capture_output=True, text=True, check=False)
    return [int(pid) for pid in told.stdout.split() if Path(f"/proc/{pid}").exists()]
