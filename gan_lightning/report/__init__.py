"""Runs compared: as a table, over seeds, and as one page."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_lightning.report.table import load_runs, over_seeds

__all__ = ["load_runs", "over_seeds"]


def __getattr__(name: str) -> Any:
    """Import `load_runs` and `over_seeds`, and pandas for them, when they are first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gan_lightning.report import table

    return getattr(table, name)
