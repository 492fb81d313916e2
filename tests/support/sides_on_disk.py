"""Folders of two domains, whose pictures have one shade each."""

from pathlib import Path

import torch
from PIL import Image

from gan_lightning.data import AlignedFolder, PairedFolder, Sides, UnpairedFolder

SIZE = (8, 12)


def write(file: Path, shade: int, size: tuple[int, int] = (12, 8)) -> None:
    """A grey picture of one shade, which tells files apart."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, shade).save(file)


def write_pair(file: Path, left: int, right: int, width: int = 24) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("L", (width, 8), left)
    picture.paste(right, (width // 2, 0, width, 8))
    picture.save(file)


def shades(images: object) -> list[int]:
    first_channel = images.pixels(list(range(len(images))))[:, 0].flatten(1)
    assert torch.equal(first_channel.amin(1), first_channel.amax(1)), "a picture of more than one shade"
    return first_channel[:, 0].tolist()


def both(sides: Sides) -> list[tuple[int, int]]:
    return list(zip(shades(sides.a), shades(sides.b), strict=True))


def aligned(folder: Path, **settings: object) -> AlignedFolder:
    for i in range(12):
        write_pair(folder / f"{i:02}.png", i, 100 + i)
    return AlignedFolder(str(folder), **settings)


def paired(folder: Path, **settings: object) -> PairedFolder:
    for i in range(12):
        write(folder / "a" / f"{i:02}.png", i)
        write(folder / "b" / f"{i:02}.png", 100 + i)
    return PairedFolder(str(folder / "a"), str(folder / "b"), **settings)


def unpaired(folder: Path, **settings: object) -> UnpairedFolder:
    for i in range(12):
        write(folder / "trainA" / f"{i:02}.png", i)
        write(folder / "trainB" / f"{i:02}.png", 100 + i)
    return UnpairedFolder(str(folder), **settings)


ALL = [aligned, paired, unpaired]
