"""Training from Python and in notebooks: the work of gan-train as a function, and its results as an object."""

from gan_lightning.interactive.result import RunResult
from gan_lightning.interactive.training import train

__all__ = ["RunResult", "train"]
