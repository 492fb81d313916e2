"""gan_lightning: generative adversarial networks as composable Lightning experiments."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_lightning.handover.hub import from_pretrained, push_to_hub
    from gan_lightning.interactive import RunResult, train
    from gan_lightning.loaded import TrainedModel, grid, load
    from gan_lightning.runs.checkpoint import ensemble

__all__ = ["RunResult", "TrainedModel", "ensemble", "from_pretrained", "grid", "load", "push_to_hub", "train"]

_PLACES = {
    "RunResult": "gan_lightning.interactive",
    "TrainedModel": "gan_lightning.loaded",
    "ensemble": "gan_lightning.runs.checkpoint",
    "from_pretrained": "gan_lightning.handover.hub",
    "grid": "gan_lightning.loaded",
    "load": "gan_lightning.loaded",
    "push_to_hub": "gan_lightning.handover.hub",
    "train": "gan_lightning.interactive",
}


def __getattr__(name: str) -> Any:
    """Import what users call when it is first used.

    It needs torch, which takes seconds to import. The commands import this package first, and must answer signals
    before those seconds.
    """
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
