"""Pictures through a trained translator, in memory."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor

from gan_lightning.batch import Route
from gan_lightning.data import ValueRange, picture_pixels, read_picture
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.models import BetweenDomains
from gan_lightning.ranges import Seed, Tile, within
from gan_lightning.sampling.translate import found_pictures, range_of_sources, translate_pixels, value_ranges

Sources = str | Path | Sequence[Image.Image]
"""A picture file, a folder of them, or pictures."""


def route_of(model: BetweenDomains, direction: str | None, domain: str | None) -> Route:
    """The route of a direction or into a domain; the usual one where neither is given.

    Raises:
        SettingError: both are given, or the model knows no such route.
    """
    if domain is None:
        return model.route(direction)
    if direction is not None:
        raise SettingError(f"direction={direction}: domain={domain} says it already; leave one out")
    return model.routes_into([domain])[0]


def translations(
    model: BetweenDomains, spec: Mapping[str, Any], source: Sources, route: Route, seed: int, tile: int
) -> Iterator[Tensor]:
    """The translation (C, scale H, scale W) uint8 of each picture, in order; of a folder, in that of the names.

    Args:
        model: on its device.
        spec: facts of the training data.
        source: of any sizes.
        route: one of the model's.
        seed: of the noise, for models that have any.
        tile: side of the parts in which large pictures pass through the network, in pixels of the source.

    Raises:
        SettingError: a file that cannot be read; numbers out of range.
    """
    within("seed", Seed, seed)
    within("tile", Tile, tile)
    for number, pixels in enumerate(_pixels(source, model.channels[route.source], value_ranges(spec, route)[0])):
        yield translate_pixels(model, pixels, route, seed, number, tile, deep=False)


def _pixels(source: Sources, channels: int, values: Sequence[float] | None) -> Iterator[Tensor]:
    """Pictures (channels, H, W) uint8."""
    if isinstance(source, str | Path):
        files = found_pictures(expanded(source))[1].pictures
        chosen = range_of_sources(files, values)
        for file in files:
            yield read_picture(file, channels, chosen)
    else:
        known = ValueRange(*values) if values else None
        for picture in source:
            yield picture_pixels(picture, channels, known)
