"""The command line: what may be imported for it, what its settings are, and where it writes."""

from gan_lightning.console.imports import import_from_here
from gan_lightning.console.output import keep_output_from_failing

__all__ = ["import_from_here", "keep_output_from_failing"]
