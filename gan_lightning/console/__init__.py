"""The command line: how it is read, what its settings are, what may be imported for it, and where it writes."""

from gan_lightning.console import resolvers

__all__ = ["resolvers"]
