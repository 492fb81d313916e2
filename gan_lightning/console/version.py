"""What `--version` prints."""

from importlib.metadata import version


def line(command: str) -> str:
    """The name of a command and the version of this package."""
    return f"{command} {version('gan-lightning')}"
