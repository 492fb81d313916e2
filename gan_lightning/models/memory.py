"""What a part of a training step remembers from one update to the next, in each process for itself."""

from abc import ABC, abstractmethod
from typing import Any

from torch import nn


class Memory(nn.Module, ABC):
    """A module whose content checkpoints keep for every process."""

    @abstractmethod
    def content(self) -> Any:
        """What it remembers: plain containers of tensors on the CPU and numbers."""

    @abstractmethod
    def restore(self, content: Any) -> None:
        """Remember what `content` returned."""
