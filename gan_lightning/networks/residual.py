"""Translation as a change that is added to the picture (Shen and Liu 2017, arXiv:1612.05363)."""

from collections.abc import Callable
from typing import final

from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Translator


@final
class ResidualTranslator(Translator):
    """The picture plus a change that another translator makes, cut off at -1 and 1.

    The network learns only the pixels that change. Domains that share most of their pixels are translated more
    exactly in this way than by a network that paints the whole picture.

    Args:
        channels_in, channels_out: of the pictures, 1 to 4 and equal.
        change: builds the other translator from the channels it takes and makes. Its outputs in [-1, 1] are
            doubled, so that black can become white.

    Raises:
        SettingError: domains of different channels; from `change`.
    """

    def __init__(self, channels_in: int, channels_out: int, change: Callable[[int, int], Translator]) -> None:
        super().__init__()
        if channels_in != channels_out:
            raise SettingError(
                "network.translator: a residual translator adds to its source, but source and output have "
                f"{channels_in} and {channels_out} channels; give both domains as many, or use network=translator"
            )
        self.change = change(channels_in, channels_out)
        self.multiple, self.minimum = self.change.multiple, self.change.minimum

    def forward(self, image: Tensor) -> Tensor:
        return (image + 2 * self.change(image)).clamp(-1, 1)
