"""Folders of pictures into several domains, with a picture that shows them side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as TF

from gan_lightning.batch import Route
from gan_lightning.data import ValueRange, grid, in_colour, read_picture, save_png, scaled
from gan_lightning.errors import SettingError
from gan_lightning.models import Translating
from gan_lightning.sampling.translate import found_pictures, range_of_sources, refuse_used, translate_folder

MOST_ROWS = 8


def translate_into_all(
    model: Translating,
    source: Path,
    output: Path,
    ranges: Mapping[Route, Sequence[Any]],
    seed: int,
    size: tuple[int, int],
) -> tuple[int, Path]:
    """Write the translations of all pictures below `source` along several routes, each into its own folder of `output`
    with the name of the domain, and `grid.png`.

    The grid has a row for each of the first pictures: the picture, and its translation into every domain.

    Args:
        model: a trained translator, on its device.
        source, output, seed: as of `translate_folder`.
        ranges: of values, by route, as `translate_folder` takes them.
        size: (height, width) of each picture in the grid.

    Returns:
        how many pictures were written, and where the grid is.

    Raises:
        SettingError: as `translate_folder`; where some files could not be read, after all domains are made.
    """
    refuse_used(output, source)
    _, found = found_pictures(source)
    written, failed = 0, None
    for route, limits in ranges.items():
        try:
            written += translate_folder(model, source, output / route.target, route, seed, *limits)
        except SettingError as error:  # some files could not be read; the other domains are made all the same
            failed = failed or error
    if failed is not None and not any((output / route.target).is_dir() for route in ranges):
        raise failed  # nothing could be written
    known, _ = next(iter(ranges.values()))
    values = range_of_sources(found.pictures, known)
    rows: list[Tensor] = []
    for file in found.pictures:
        if len(rows) < MOST_ROWS * (1 + len(ranges)):
            rows += _row(model, file, values, [*ranges], seed, size)
    path = output / "grid.png"
    if rows:
        save_png(grid(torch.cat(rows), 1 + len(ranges)), path)
    if failed is not None:
        raise failed
    return written, path


def _row(
    model: Translating,
    file: Path,
    values: ValueRange | None,
    routes: Sequence[Route],
    seed: int,
    size: tuple[int, int],
) -> list[Tensor]:
    """A picture and its translations, each (1, 3, H, W); nothing if it cannot be read."""
    try:
        pixels = read_picture(file, model.channels[routes[0].source], values)
    except SettingError:
        return []
    picture = scaled(TF.resize(pixels, list(size), antialias=True))[None].to(model.device)
    made = [model.translate(picture, route.name, seed) for route in routes]
    return [in_colour(image.float().cpu()) for image in (picture, *made)]
