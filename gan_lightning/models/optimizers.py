"""Optimizers whose settings may be ramps, though they know nothing of ramps themselves."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from torch import nn
from torch.optim import Optimizer

from gan_lightning.ramps import Ramp

OptimizerOf = Callable[[Iterable[nn.Parameter]], Optimizer]
"""Builds an optimizer from parameters. The settings of a `functools.partial` may be ramps, or lists that hold some."""


def ramps(build: OptimizerOf) -> dict[str, Any]:
    """The settings of an optimizer that are ramps or hold some, by name."""
    given = build.keywords if isinstance(build, partial) else {}
    parts = {name: value if isinstance(value, list | tuple) else [value] for name, value in given.items()}
    return {name: given[name] for name in given if any(isinstance(part, Ramp) for part in parts[name])}


def at(setting: Any, progress: float) -> Any:
    """A setting in numbers, when the share `progress` of the budget is spent."""
    if isinstance(setting, list | tuple):
        return tuple(at(part, progress) for part in setting)
    return setting(progress) if isinstance(setting, Ramp) else setting


def build_at(build: OptimizerOf, parameters: Iterable[nn.Parameter], progress: float) -> Optimizer:
    """An optimizer whose settings are as they are then."""
    return partial(build, **{name: at(setting, progress) for name, setting in ramps(build).items()})(parameters)
