"""The settings of gan-demo."""

from typing import Annotated, TypedDict

from annotated_types import Interval

from gan_lightning.console.declared.kinds import Packages
from gan_lightning.console.values import Meaning, Wording
from gan_lightning.ranges import PathText


class Demo(TypedDict):
    """The settings of gan-demo."""

    checkpoint: Annotated[PathText, Meaning("file that gan-train wrote, or the folder of a run")]
    host: Annotated[str, Meaning("address to listen at; 0.0.0.0 lets other machines open the page")]
    port: Annotated[
        Annotated[int, Interval(ge=1, le=65535)],
        Wording("a whole number from 1 to 65535"),
        Meaning("port of the address"),
    ]
    trusted: Packages
