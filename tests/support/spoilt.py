"""A run and a secret beside the folder of runs, for tests of folders that somebody has spoilt."""

from pathlib import Path

from folders import composed, finished, write_run

SECRET = "SECRET-LINE"


def plain_run(folder: Path) -> Path:
    return write_run(folder, ["loss=hinge"], composed(), {1000: 1.0}, {500: 1.0}, status=finished())
