"""How fast a run goes, how long it still takes, and how much memory it needs."""

import resource
import sys
import time
from dataclasses import dataclass
from typing import final

import torch

from gan_lightning.models import SteppingModule


@final
@dataclass
class Clock:
    """Time since training began or was resumed.

    Attributes:
        progress: share of the budget that was spent at that moment.
        images: seen before that moment.
        begun: that moment, by the monotonic clock.
        paused: start of the current pause, for a validation and what follows it; None while training.
        pauses: seconds that all earlier pauses took.
    """

    progress: float
    images: int
    begun: float
    paused: float | None = None
    pauses: float = 0.0

    @classmethod
    def start(cls, module: SteppingModule) -> "Clock":
        """A clock that starts now."""
        return cls(module.progress, module.images_seen, time.monotonic())

    def pause(self) -> None:
        """Training stops."""
        self.paused = time.monotonic()

    def train(self) -> None:
        """Training goes on, if it had stopped."""
        if self.paused is not None:
            self.pauses += time.monotonic() - self.paused
            self.paused = None

    @property
    def elapsed(self) -> float:
        """Seconds, validations included."""
        return time.monotonic() - self.begun

    def left(self, module: SteppingModule) -> float | None:
        """Seconds until the budget is spent, if the rest goes as fast as what was done; None at the beginning."""
        done = module.progress - self.progress
        return self.elapsed / done * (1 - module.progress) if done > 0 else None

    def speed(self, module: SteppingModule) -> float:
        """Images per second during training, without validations."""
        now = time.monotonic() if self.paused is None else self.paused
        return (module.images_seen - self.images) / max(now - self.begun - self.pauses, 1e-9)


def duration(seconds: float) -> str:
    """A duration in words: `45 s`, `12 min`, `3 h 20 min`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def peak_memory(device: torch.device) -> str:
    """Peak memory of this process, and of its tensors on the GPU."""
    unit = 1 if sys.platform == "darwin" else 1024  # of what the system counts in
    text = f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9:.1f} GB"
    if device.type == "cuda":
        text += f", GPU {torch.cuda.max_memory_allocated(device) / 1e9:.1f} GB"
    return text
