"""Runs compared: as a table, over seeds, and as one page."""

from gan_lightning.report.table import load_runs, over_seeds

__all__ = ["load_runs", "over_seeds"]
