"""The settings of the commands, and of classes of other packages: what each takes and means, in tables."""

from gan_lightning.console.declared.demo import Demo
from gan_lightning.console.declared.evaluate import Evaluate, Parts, ScoresAlone
from gan_lightning.console.declared.export import Export
from gan_lightning.console.declared.foreign import DESCRIBED, ModelCheckpoint, Trainer, of_class
from gan_lightning.console.declared.generate import Generate
from gan_lightning.console.declared.groups import (
    ADDED_TO_A_SETTING,
    ADDING_UP,
    UNUSED,
    Group,
    options,
    refuse_sets_in_list,
)
from gan_lightning.console.declared.kinds import Measured, Refused, read
from gan_lightning.console.declared.train import Train

__all__ = [
    "ADDED_TO_A_SETTING",
    "ADDING_UP",
    "DESCRIBED",
    "UNUSED",
    "Demo",
    "Evaluate",
    "Export",
    "Generate",
    "Group",
    "Measured",
    "ModelCheckpoint",
    "Parts",
    "Refused",
    "ScoresAlone",
    "Train",
    "Trainer",
    "of_class",
    "options",
    "read",
    "refuse_sets_in_list",
]
