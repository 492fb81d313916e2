"""How wide maps are, against the tables of the papers."""

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.networks import Even, Pyramid
from gan_lightning.networks.layers.widths import sides_made


@pytest.mark.parametrize(
    ("resolution", "generator", "discriminator", "sides"),
    [
        (16, [4, 4, 4], [2, 2, 2], [8, 8, 8]),
        (32, [4, 4, 4, 4], [2, 2, 2, 2], [16, 8, 8, 8]),
        (64, [16, 16, 8, 4, 2], [1, 2, 4, 8, 16], [32, 16, 8, 4, 4]),
        (128, [16, 16, 8, 4, 2, 1], [1, 2, 4, 8, 16, 16], [64, 32, 16, 8, 4, 4]),
        (256, [16, 16, 8, 8, 4, 2, 1], [1, 2, 4, 8, 8, 16, 16], [128, 64, 32, 16, 8, 4, 4]),
    ],
)
def test_a_pyramid_is_as_wide_as_the_papers_networks(resolution, generator, discriminator, sides) -> None:
    widths = Pyramid(generator_at_32=4, discriminator_at_32=2)
    stages = widths.discriminator(resolution)
    assert widths.generator(resolution) == generator
    assert [stage.multiple for stage in stages] == discriminator
    assert sides_made(resolution, stages) == sides


def test_even_widths_are_those_of_wgan_gp() -> None:
    assert Even().generator(64) == [1] * 5
    assert [*map(tuple, Even().discriminator(32))] == [(1, True), (1, True), (1, False), (1, False)]


@pytest.mark.parametrize("widths", [Even(), Pyramid()])
@pytest.mark.parametrize("resolution", [8, 48, 96])
def test_a_resolution_that_is_no_power_of_two_is_refused(widths, resolution) -> None:
    for side in (widths.generator, widths.discriminator):
        with pytest.raises(SettingError, match=rf"dataset.resolution={resolution}:"):
            side(resolution)


def test_a_resolution_above_the_tables_is_refused() -> None:
    with pytest.raises(SettingError, match=r"dataset.resolution=1024: .*up to 512 pixels"):
        Pyramid().generator(1024)
    with pytest.raises(SettingError, match=r"generator_at_32=0:"):
        Pyramid(generator_at_32=0)
