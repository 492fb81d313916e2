"""The command line: what may be imported for it, and what its settings are."""

from gan_lightning.console.imports import import_from_here

__all__ = ["import_from_here"]
