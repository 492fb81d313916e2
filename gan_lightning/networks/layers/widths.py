"""How many channels the maps of a residual network have, from one size to the next."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple, final

from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import doublings
from gan_lightning.ranges import Few, within


class Stage(NamedTuple):
    """A block of a discriminator.

    Attributes:
        multiple: of the network's width, channels of what it makes.
        halves: whether its maps are half as large as what it gets.
    """

    multiple: int
    halves: bool


def sides_made(resolution: int, stages: Sequence[Stage]) -> list[int]:
    """The sides of the maps that a discriminator's blocks make of images of this resolution."""
    sides = [resolution]
    for stage in stages:
        sides.append(sides[-1] // 2 if stage.halves else sides[-1])
    return sides[1:]


class Widths(ABC):
    """Multiples of a network's width for images of any power-of-two resolution from 16."""

    @abstractmethod
    def generator(self, resolution: int) -> list[int]:
        """Multiples for the maps of 4, 8 ... `resolution` pixels.

        Raises:
            SettingError: the resolution does not fit.
        """

    @abstractmethod
    def discriminator(self, resolution: int) -> list[Stage]:
        """The blocks, from the image on.

        Raises:
            SettingError: the resolution does not fit.
        """


@final
class Even(Widths):
    """All maps have the same width, and the discriminator halves the image down to 8x8, before two more blocks
    (WGAN-GP and SNGAN on CIFAR-10).

    Args:
        generator: multiple of the generator's width.
        discriminator: multiple of the discriminator's width.
    """

    def __init__(self, generator: Few = 1, discriminator: Few = 1) -> None:
        self.multiples = generator, discriminator

    def generator(self, resolution: int) -> list[int]:
        return [self.multiples[0]] * (doublings(resolution, start=4) + 1)

    def discriminator(self, resolution: int) -> list[Stage]:
        multiple, halvings = self.multiples[1], doublings(resolution, start=8)
        return [Stage(multiple, True)] * halvings + [Stage(multiple, False)] * 2


EVEN = Even()
"""The same width everywhere."""

_GENERATORS = {
    64: (16, 16, 8, 4, 2),
    128: (16, 16, 8, 4, 2, 1),
    256: (16, 16, 8, 8, 4, 2, 1),
    512: (16, 16, 8, 8, 4, 2, 1, 1),
}
_DISCRIMINATORS = {
    64: (1, 2, 4, 8, 16),
    128: (1, 2, 4, 8, 16, 16),
    256: (1, 2, 4, 8, 8, 16, 16),
    512: (1, 1, 2, 4, 8, 8, 16, 16),
}


@final
class Pyramid(Widths):
    """Smaller maps are wider: the tables of BigGAN (arXiv:1809.11096, appendix B) for 64 to 512 pixels, of which that
    for 128 pixels is SNGAN's and SAGAN's too. Up to 32 pixels all maps are equally wide, as in `Even`. The
    discriminator halves the image down to 4x4, before one more block.

    Args:
        generator_at_32, discriminator_at_32: multiples up to 32 pixels. With the width of the larger networks, 4 and 4
            make BigGAN's networks for CIFAR-10, 4 and 2 those of SNGAN.
    """

    def __init__(self, generator_at_32: Few = 4, discriminator_at_32: Few = 4) -> None:
        within("network.generator.widths.generator_at_32", Few, generator_at_32)
        within("network.discriminator.widths.discriminator_at_32", Few, discriminator_at_32)
        self.small = Even(generator_at_32, discriminator_at_32)

    def generator(self, resolution: int) -> list[int]:
        return [*_GENERATORS[resolution]] if _from_table(resolution) else self.small.generator(resolution)

    def discriminator(self, resolution: int) -> list[Stage]:
        if not _from_table(resolution):
            return self.small.discriminator(resolution)
        *halving, last = _DISCRIMINATORS[resolution]
        return [*(Stage(multiple, True) for multiple in halving), Stage(last, False)]


def _from_table(resolution: int) -> bool:
    doublings(resolution, start=4)  # which refuses all but powers of two
    if resolution > max(_GENERATORS):
        raise SettingError(
            f"dataset.resolution={resolution}: the widths of this network are known up to {max(_GENERATORS)} pixels; "
            "network=resnet takes more"
        )
    return resolution in _GENERATORS
