"""The settings of gan-export."""

from typing import Annotated, TypedDict

from gan_lightning.console.declared.groups import One
from gan_lightning.console.declared.kinds import Packages
from gan_lightning.console.values import Meaning
from gan_lightning.ranges import PathText


class Export(TypedDict):
    """The settings of gan-export."""

    checkpoint: Annotated[PathText, Meaning("file that gan-train wrote, or the folder of a run")]
    format: One
    output: Annotated[PathText, Meaning("folder for the exported files, missing or empty")]
    licence: Annotated[
        str | None, Meaning("licence of the weights for the model card, such as cc-by-4.0; null: not stated")
    ]
    trusted: Packages
