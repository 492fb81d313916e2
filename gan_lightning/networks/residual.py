"""Translation as a change that is added to the picture (Shen and Liu 2017, arXiv:1612.05363)."""

from collections.abc import Callable
from typing import final

from torch import Tensor

from gan_lightning.bicubic import enlarged
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Translator
from gan_lightning.ranges import FewOrNone

_REACH_OF_BICUBIC = 2


@final
class ResidualTranslator(Translator):
    """The picture plus a change that another translator makes, cut off at -1 and 1.

    The network learns only the pixels that change. Domains that share most of their pixels are translated more
    exactly in this way than by a network that paints the whole picture. If the other translator makes larger pictures,
    the change is added to the picture enlarged by bicubic interpolation (Kim et al. 2016, arXiv:1511.04587).

    Args:
        channels_in, channels_out: of the pictures, 1 to 4 and equal but for the planes.
        change: builds the other translator from the channels it takes and makes. Its outputs in [-1, 1] are
            doubled, so that black can become white.
        planes: how many of the channels that come in are a label behind the picture.

    Raises:
        SettingError: domains of different channels; from `change`.
    """

    def __init__(
        self, channels_in: int, channels_out: int, change: Callable[[int, int], Translator], planes: FewOrNone = 0
    ) -> None:
        super().__init__()
        if channels_in - planes != channels_out:
            raise SettingError(
                "network.translator: a residual translator adds to its source, but source and output have "
                f"{channels_in - planes} and {channels_out} channels; give both domains as many, or use "
                "network=translator"
            )
        self.planes = planes
        self.change = change(channels_in, channels_out)
        self.multiple, self.minimum, self.scale = self.change.multiple, self.change.minimum, self.change.scale
        own = 0 if self.scale == 1 else _REACH_OF_BICUBIC
        self.reach = None if self.change.reach is None else max(own, self.change.reach)

    def forward(self, image: Tensor) -> Tensor:
        picture = image[:, : image.shape[1] - self.planes]
        return (enlarged(picture, self.scale) + 2 * self.change(image)).clamp(-1, 1)
