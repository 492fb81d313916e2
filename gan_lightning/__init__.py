"""gan_lightning: generative adversarial networks as composable Lightning experiments."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_lightning.runs.checkpoint import ensemble, load

__all__ = ["ensemble", "load"]


def __getattr__(name: str) -> Any:
    """Import `load` and `ensemble` when they are first used.

    They need torch, which takes seconds to import. The commands import this package first, and must answer signals
    before those seconds.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gan_lightning.runs import checkpoint

    return getattr(checkpoint, name)
