"""Folders of pictures through a trained translator."""

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from gan_lightning.batch import Route
from gan_lightning.counting import counted
from gan_lightning.data import (
    NOWHERE,
    UNREADABLE,
    Found,
    ValueRange,
    check_folder,
    deep_values,
    find_pictures,
    is_picture,
    listed,
    measure,
    quantise,
    read_picture,
    save_png,
    save_values,
    shown,
)
from gan_lightning.errors import SettingError
from gan_lightning.models import BetweenDomains
from gan_lightning.out_of_memory import what_ran_out
from gan_lightning.ranges import Seed, Tile, within
from gan_lightning.sampling.tiles import LARGEST_OVERLAP, in_tiles, overlap_of

log = logging.getLogger(__name__)

TILE = 256
"""Side of the parts of large pictures, in pixels of the source, where none is chosen."""


def translate_folder(
    model: BetweenDomains,
    source: Path,
    output: Path,
    route: Route,
    seed: int,
    source_range: Sequence[float] | None = None,
    target_range: Sequence[float] | None = None,
    tile: int = TILE,
) -> int:
    """Write the translation of every picture below `source` as PNG, at its own size, to the same place below `output`.

    Pictures are mirrored at their lower and right edge up to a size that the network takes, and cropped back. If it is
    known how far the network sees, large pictures pass through it in overlapping parts. Where the target's pictures
    have more than 8 bits and are grey, a TIFF in their units lies beside each PNG.

    Args:
        model: a trained translator, on its device.
        source: one picture, or a folder of pictures, of any size and of every kind that Pillow can open.
        output: folder that is missing or empty.
        route: along which, one of the model's.
        seed: of the dropout noise, for models that have it.
        source_range: the values (low, high) of black and white in sources of more than 8 bits; None, for a model that
            learnt from 8 bits, measures them over all sources.
        target_range: the values that black and white of the translations stand for; None where they have 8 bits.
        tile: side of the parts in which large pictures pass through the network, in pixels of the source.

    Returns:
        how many pictures were translated.

    Raises:
        SettingError: a setting cannot work; or some files could not be read (raised after all others are translated).
    """
    within("seed", Seed, seed)
    within("tile", Tile, tile)
    root, found = found_pictures(source)
    refuse_used(output, source)
    broken = _unusable(root, found)
    files = found.pictures
    count = len(files) + len(broken)
    if not files and not broken:
        raise SettingError(f"source={source}: holds no picture that Pillow can open")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"output={output}: cannot be written ({error.strerror}); choose another folder") from error
    values = range_of_sources(files, source_range)
    targets = _targets([file.relative_to(root) for file in files])
    deep = target_range is not None and model.channels[route.target] == 1
    for i, (file, target) in enumerate(track(list(zip(files, targets, strict=True)), "Translating", transient=True)):
        try:
            pixels = read_picture(file, model.channels[route.source], values)
            translated = translate_pixels(model, pixels, route, seed, i, tile, deep)
        except (SettingError, RuntimeError, MemoryError) as error:  # unreadable, or too large for the memory
            lacking = what_ran_out(error)
            broken[file.relative_to(root)] = str(error) if lacking is None else f"{lacking} make the picture smaller"
            continue
        (output / target).parent.mkdir(parents=True, exist_ok=True)
        save_png(quantise(translated) if deep else translated, output / target)
        if target_range is not None and deep:
            save_values(translated, target_range, (output / target).with_suffix(".tif"))
    for name, reason in broken.items():
        log.error("%s: %s", shown(name, 300), reason)
    if broken:
        raise SettingError(
            f"source={source}: {len(broken)} of {counted(count, 'file')} could not be read "
            f"({listed(list(broken), most=10)}); the other {count - len(broken)} are in {output}"
        )
    return len(files)


def translate_pixels(
    model: BetweenDomains, pixels: Tensor, route: Route, seed: int, number: int, tile: int, deep: bool
) -> Tensor:
    """The translation of a picture of any size, (C', scale H, scale W) uint8, or in [-1, 1] if `deep`.

    Args:
        model: a trained translator, on its device.
        pixels: the picture, (C, H, W) uint8.
        route: along which, one of the model's.
        seed, number: of the dropout noise, for models that have it.
        tile: side of the parts in which large pictures pass through the network, in pixels of the source.
    """
    height, width = pixels.shape[1:]
    image = _enlarged(pixels, model.multiple, model.minimum).to(model.device).float() / 127.5 - 1
    translated = _translated(model, image[None], route, seed, number, tile, deep)
    return translated[:, : route.scale * height, : route.scale * width]


def value_ranges(spec: Mapping[str, Any], route: Route) -> list[Any]:
    """The value ranges of the source and the target of a route; checkpoints of earlier versions do not know of them.

    Args:
        spec: facts of the training data, as the checkpoint holds them.
        route: of the model.
    """
    if "domains" in spec:
        return [spec.get("value_range")] * 2
    return [spec.get(f"{end}_value_range") for end in (("source", "target") if "direction" in spec else route[:2])]


def _translated(
    model: BetweenDomains, image: Tensor, route: Route, seed: int, number: int, tile: int, deep: bool
) -> Tensor:
    """The translation of a picture (1, C, H, W): (C', scale H, scale W) uint8, or in [-1, 1] if `deep`."""

    def translate(part: Tensor) -> Tensor:
        made = model.translate(part, route.name, seed, torch.tensor([number]))
        return (made if deep else quantise(made)).cpu()

    if model.reach is None or model.multiple > 1 or max(image.shape[2:]) <= tile:
        return translate(image)[0]
    overlap = overlap_of(tile, model.reach)
    if overlap < model.reach:
        log.info(
            "An output pixel depends on pixels up to %d away, but parts overlap by %d, so their edges may be visible; "
            "they are not with tile=%d",
            *(model.reach, overlap, LARGEST_OVERLAP * model.reach),
        )
    return in_tiles(translate, image, route.scale, tile, overlap)[0]


def refuse_used(output: Path, source: Path) -> None:
    """Refuse a folder for translations that is not empty, or in which they would lie among their sources.

    Raises:
        SettingError: it holds something, is a file, or lies inside the source.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise SettingError(f"output={output}: is not empty, and its files are not replaced; choose another folder")
    if Path(os.path.realpath(output)).is_relative_to(os.path.realpath(source)):
        raise SettingError(f"output={output}: lies inside source={source}; choose a folder beside it")


def found_pictures(source: Path) -> tuple[Path, Found]:
    """What there is to translate, and the folder that names are relative to.

    Raises:
        SettingError: there is no such folder, or the file is no picture.
    """
    if os.path.isfile(source):
        if not is_picture(source):
            raise SettingError(f"source={source}: is neither a picture that Pillow can open nor a folder")
        return source.parent, Found([source], [], {}, 0)
    return source, find_pictures(check_folder("source", source))


def _unusable(root: Path, found: Found) -> dict[Path, str]:
    """Why some things in a folder, which may be pictures, are not read."""
    reasons = {path: f"leads to {shown(os.path.realpath(path), 300)}, out of the folder" for path in found.outside}
    reasons |= dict.fromkeys(found.left_out.get(NOWHERE, []), "a link that leads nowhere")
    reasons |= dict.fromkeys(found.left_out.get(UNREADABLE, []), "cannot be read (no permission)")
    return {path.relative_to(root): why for path, why in reasons.items()}


def range_of_sources(files: Sequence[Path], trained: Sequence[float] | None) -> ValueRange | None:
    """What is black and white in sources of more than 8 bits: as in training, or else measured over all of them.

    Args:
        files: all sources.
        trained: the values of black and white in training; None where pictures had 8 bits.
    """
    known = ValueRange(*trained) if trained else None
    measured = measure(files, deep_values, skip_broken=True)
    if measured is None:
        if known is not None and files:
            log.info("The sources have 8 bits; their 0 to 255 are mapped to %s, the range in training", known)
        return known
    if known is None:
        log.info("Values of %s become 0 to 255, measured over %s", measured.range, counted(measured.deep, "picture"))
        return measured.range
    log.info("Values of %s become 0 to 255, as in training", known)
    outside = measured.outside(known)
    if outside:
        log.warning(
            "The sources have values from %g to %g; about %.1f %% of the pixels lie outside and are clipped",
            *(measured.low, measured.high, 100 * outside),
        )
    return known


def _targets(names: list[Path]) -> list[Path]:
    """Where each picture goes: with the suffix .png instead of its own, or behind it where two would collide."""
    instead = [name.with_suffix(".png") for name in names]
    behind = [name.with_name(f"{name.name}.png") for name in names]
    # How many pictures might go there: a.png and a.jpg to a.png, and a.jpg and a.jpg.png to a.jpg.png.
    wanted = Counter(target for pair in zip(instead, behind, strict=True) for target in set(pair))
    folders = {parent for name in names for parent in name.parents}  # nor can it, or its TIFF, go where one will be
    return [
        short if wanted[short] == 1 and folders.isdisjoint({short, short.with_suffix(".tif")}) else long
        for short, long in zip(instead, behind, strict=True)
    ]


def _enlarged(pixels: Tensor, multiple: int, minimum: int) -> Tensor:
    """Pixels (C, H, W) mirrored at their lower and right edge up to sides that the network takes."""
    sides = [max(minimum, -(-side // multiple) * multiple) - side for side in pixels.shape[1:]]
    # numpy's mirror, unlike torch's, may be longer than the picture itself.
    return torch.from_numpy(np.pad(pixels.numpy(), [(0, 0), (0, sides[0]), (0, sides[1])], mode="symmetric"))
