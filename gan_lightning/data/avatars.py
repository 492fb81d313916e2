"""Cartoon faces with exact labels, drawn on the spot: the data set that needs no network.

DiceBear (dicebear-core, dicebear-styles) writes an SVG for a seed and says which options it chose;
resvg turns it into pixels. Style `pixel-art` is CC0 1.0; other styles have licences of their own.
"""

import io
import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, final

import numpy as np
import resvg_py
import torch
from dicebear import Avatar, Style
from PIL import Image
from rich.progress import track
from torch import Tensor

from gan_lightning.cache import cached
from gan_lightning.data.contracts import Source
from gan_lightning.data.images import TensorImages
from gan_lightning.errors import SettingError


@final
class Avatars(Source):
    """Faces of one DiceBear style on a white ground, RGB; train and test use disjoint seeds.

    Args:
        cache_dir: drawn once per style, resolution and count, then read from here.
        style: a file name of `dicebear_styles`.
        label: the attribute that is the class label, one of `hair_color`, `skin_color`, `clothing_color`,
            `eyes_color`, `mouth_color`, `hair` (long or short), `mouth` (happy or sad), `eyes`, `clothes`,
            `glasses`, `hat`, `beard`, `accessories` ... in `pixel-art`.
        num_train, num_test: images of each split.

    Raises:
        SettingError: an unknown style, label or split.
    """

    def __init__(self, cache_dir: str, style: str, label: str, num_train: int, num_test: int) -> None:
        self.cache_dir = Path(cache_dir).expanduser()
        self.style, self.label = style, label
        self.counts = {"train": num_train, "test": num_test}
        styles = sorted(
            path.name[: -len(".json")] for path in files("dicebear_styles").iterdir() if ".json" in path.name
        )
        if style not in styles:
            raise SettingError(f"dataset.source.style={style}: allowed are {', '.join(styles)}")
        self.definition = json.loads(files("dicebear_styles").joinpath(f"{style}.json").read_text("utf-8"))
        self.classes = attribute_classes(self.definition)
        if label not in self.classes:
            raise SettingError(f"dataset.source.label={label}: allowed are {', '.join(sorted(self.classes))}")

    def load(self, split: str, resolution: int) -> TensorImages:
        if split not in self.counts:
            raise SettingError(f"split={split}: avatars have the splits train and test")
        count = self.counts[split]
        packages = {name: version(name) for name in ("dicebear-core", "dicebear-styles", "resvg-py")}
        key = {"style": self.style, "split": split, "count": count, "resolution": resolution, **packages}
        faces = cached(self.cache_dir, "avatars", key, lambda: self._draw(split, count, resolution))
        return TensorImages(faces["images"], faces["attributes"], self.label, self.classes[self.label])

    def _draw(self, split: str, count: int, resolution: int) -> dict[str, Any]:
        style = Style(self.definition)
        images = torch.empty(count, 3, resolution, resolution, dtype=torch.uint8)
        attributes = {name: torch.empty(count, dtype=torch.long) for name in self.classes}
        for i in track(range(count), description=f"Drawing {count:,} avatars (once)", transient=True):
            face = Avatar(style, {"seed": f"{split}-{i}"}).to_json()
            images[i] = rasterise(face["svg"], resolution)
            for name, value in attribute_values(face["options"], self.classes).items():
                attributes[name][i] = value
        return {"images": images, "attributes": attributes}


def rasterise(svg: str, resolution: int) -> Tensor:
    """An SVG on a white ground as (3, resolution, resolution) uint8."""
    png = resvg_py.svg_to_bytes(svg_string=svg, width=resolution, height=resolution, background="#ffffff")
    with Image.open(io.BytesIO(bytes(png))) as picture:
        return torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1)


def attribute_classes(definition: Mapping[str, Any]) -> dict[str, list[str]]:
    """Attributes of a style with the names of their classes.

    A component whose variants come in families (`long01`, `short02`) has a class per family, otherwise
    one per variant; one that may be missing has `none` first, and its variants count as one family.
    A colour has a class per value of its palette. Attributes with one class are left out.
    """
    classes = {}
    for name, component in definition["components"].items():
        families = sorted({_family(variant) for variant in component["variants"]})
        optional = "probability" in component
        kinds = families if len(families) > 1 or optional else sorted(component["variants"])
        classes[name] = ["none"] * optional + kinds
    optional_colors = {name for name, component in definition["components"].items() if "probability" in component}
    for name, color in definition["colors"].items():
        classes[f"{name}_color"] = ["none"] * (name in optional_colors) + color["values"]
    return {name: kinds for name, kinds in classes.items() if len(kinds) > 1}


def attribute_values(options: Mapping[str, Any], classes: Mapping[str, list[str]]) -> dict[str, int]:
    """The class of each attribute in one avatar, from the options that DiceBear resolved."""
    values = {}
    for name, kinds in classes.items():
        if name.endswith("_color"):
            chosen = (options.get(f"{name.removesuffix('_color')}Color") or ["none"])[0]
        else:
            variant = options.get(f"{name}Variant") or "none"
            chosen = variant if variant in kinds else _family(variant)
        values[name] = kinds.index(chosen)
    return values


def _family(variant: str) -> str:
    return re.sub(r"\d+$", "", variant)
