"""What the numbers of a run show, in words: collapse, copies, a player that has won; with advice and its source."""

from gan_lightning.diagnosis.findings import Finding
from gan_lightning.diagnosis.page import diagnosed, write_diagnosis

__all__ = ["Finding", "diagnosed", "write_diagnosis"]
