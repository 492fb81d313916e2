"""Models of earlier runs, ready to be handed on."""

from pathlib import Path

from gan_lightning.handover.exporting import Subject
from gan_lightning.loaded import of_checkpoint
from gan_lightning.runs.checkpoint import read

RECORDED = Path(__file__).parents[1] / "models" / "recorded"


def recorded(name: str) -> Subject:
    content = read(RECORDED / name)
    return Subject(of_checkpoint(content, name), content, RECORDED / name, None)
