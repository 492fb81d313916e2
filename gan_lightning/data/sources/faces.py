"""Drawings of one DiceBear style: seeds and options in, pixels and exact attributes out."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.resources import files
from typing import Any, final

import torch
from dicebear import Avatar, Style

from gan_lightning.data.progress import progress
from gan_lightning.data.sources.svg import rasterise
from gan_lightning.errors import SettingError

PACKAGES = ("dicebear-core", "dicebear-styles", "resvg-py")


@final
class Faces:
    """A style of avatars and the attributes that its drawings have.

    Args:
        style: a file name of `dicebear_styles`.
        setting: that named it, for messages.

    Attributes:
        classes: by attribute, the names of its classes (see `attribute_classes`).

    Raises:
        SettingError: an unknown style.
    """

    def __init__(self, style: str, setting: str) -> None:
        styles = sorted(
            path.name[: -len(".json")] for path in files("dicebear_styles").iterdir() if ".json" in path.name
        )
        if style not in styles:
            raise SettingError(f"{setting}={style}: allowed are {', '.join(styles)}")
        self.definition = json.loads(files("dicebear_styles").joinpath(f"{style}.json").read_text("utf-8"))
        self.classes = attribute_classes(self.definition)

    def draw(self, seeds: Sequence[str], options: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any]:
        """One face per seed, all with `options`: `images` (N, 3, H, W) uint8, `attributes` by name (N,) long."""
        images = torch.empty(len(seeds), 3, *size, dtype=torch.uint8)
        attributes = {name: torch.empty(len(seeds), dtype=torch.long) for name in self.classes}
        for i, seed in enumerate(progress(seeds, f"Drawing {len(seeds):,} avatars (once)")):
            face = Avatar(self._style, {"seed": seed, **options}).to_json()
            images[i] = rasterise(face["svg"], size)
            for name, value in attribute_values(face["options"], self.classes).items():
                attributes[name][i] = value
        return {"images": images, "attributes": attributes}

    @cached_property
    def _style(self) -> Style:
        """Built at the first drawing: checking a definition takes longer than drawing a hundred faces."""
        return Style(self.definition)

    def forcing(self, attribute: str, value: str) -> dict[str, Any]:
        """Options with which every drawing has the class `value` of `attribute`.

        The colour of a component that may be missing brings the component with it.
        """
        return self.choosing(attribute, [value])

    def choosing(self, attribute: str, values: Sequence[str]) -> dict[str, Any]:
        """Options with which every drawing has one of these classes of `attribute`, each about as often."""
        name = attribute.removesuffix("_color")
        component = self.definition["components"].get(name, {})
        kinds = [value for value in values if value != "none"]
        share = round(100 * len(kinds) / len(values))
        there = {f"{name}Probability": share} if "probability" in component else {}
        if not kinds:
            return there
        if attribute.endswith("_color"):
            return {**there, f"{name}Color": kinds}
        variants = [variant for variant in component["variants"] if {variant, _family(variant)} & {*kinds}]
        return {**there, f"{name}Variant": variants}


def packages() -> dict[str, str]:
    """Versions of all that decides how a face looks."""
    return {name: version(name) for name in PACKAGES}


def attribute_classes(definition: Mapping[str, Any]) -> dict[str, list[str]]:
    """Attributes of a style with the names of their classes.

    A component whose variants come in families (`long01`, `short02`) has a class per family, otherwise
    one per variant; one that may be missing has `none` first, and its variants count as one family.
    A colour has a class per value of its palette, and `none` first if not every drawing uses it. Attributes
    with one class are left out, and so are components that repeat another one.
    """
    components, colors = _always_drawn(definition)
    classes = {}
    for name, component in definition["components"].items():
        if "extends" not in component:
            families = sorted({_family(variant) for variant in component["variants"]})
            optional = name not in components
            kinds = families if len(families) > 1 or optional else sorted(component["variants"])
            classes[name] = ["none"] * optional + kinds
    for name, color in definition["colors"].items():
        classes[f"{name}_color"] = ["none"] * (name not in colors) + color["values"]
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


def _always_drawn(definition: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The components and the colours that no drawing of a style lacks."""
    components: set[str] = set()
    colors: set[str] = set()
    waiting = [[definition["canvas"]]]  # alternatives of which each drawing has one
    while waiting:
        drawings = waiting.pop()
        colors |= set.intersection(*(_named(drawing, "color") for drawing in drawings))
        for name in set.intersection(*(_named(drawing, "component") for drawing in drawings)) - components:
            component = definition["components"][name]
            component = {**definition["components"].get(component.get("extends"), {}), **component}
            if "probability" not in component:
                components.add(name)
                waiting.append(list(component["variants"].values()))
    return components, colors


def _named(node: Any, kind: str) -> set[str]:
    """Names of all nodes of type `kind` in a drawing."""
    if isinstance(node, list):
        return set().union(*(_named(child, kind) for child in node))
    if not isinstance(node, dict):
        return set()
    own = {node["name"]} if node.get("type") == kind else set()
    return own.union(*(_named(child, kind) for child in node.values()))


def _family(variant: str) -> str:
    return re.sub(r"\d+$", "", variant)
