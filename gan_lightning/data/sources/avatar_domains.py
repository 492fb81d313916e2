"""Cartoon faces in many domains, whose true translations are known."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import torch

from gan_lightning.data.domains import DomainsSource, LabelledPictures, domain_name
from gan_lightning.data.images import TensorImages
from gan_lightning.data.sources.avatars import count_of_split, counts_of_splits, drawn_faces
from gan_lightning.data.sources.colours import colour_names, with_colour_names
from gan_lightning.data.sources.faces import Faces
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.ranges import Many, PathText


@final
class AvatarDomains(DomainsSource):
    """Faces of one DiceBear style, RGB on white, whose domains are values of some of their attributes.

    A true translation is the same face, drawn again with one attribute changed. An attribute of two values is one
    number of the label, one of more values has a number for each.

    Args:
        cache_dir: drawn once, then read from here.
        style: a file name of `dicebear_styles`.
        attributes: each a list of an attribute (as `label` of `Avatars`) and of the values that faces have, two or
            more: colours by code (#bd1700) or by name (red), families of variants, or `none`. Without values, all.
        options: of DiceBear, for all faces: the choices that are left of a component or a colour, by option. With one
            kind of glasses, for example, the face alone tells what it looks like with glasses.
        num_train, num_test: faces in each split.

    Raises:
        SettingError: an unknown style, attribute or value, one that the options exclude, or an unknown split; domains
            of one name; no attribute.
    """

    def __init__(
        self,
        cache_dir: PathText,
        style: str,
        attributes: Sequence[Sequence[str]],
        options: Mapping[str, Sequence[str]],
        num_train: Many,
        num_test: Many,
    ) -> None:
        self.cache_dir, self.style = expanded(cache_dir), style
        self.counts = counts_of_splits(num_train, num_test)
        self.faces = Faces(style, "dataset.source.style")
        self.options: dict[str, Any] = {name: list(allowed) for name, allowed in options.items()}
        if not attributes:
            raise SettingError("dataset.source.attributes=[]: one or more are needed, such as [[hair_color]]")
        self.values = {one[0]: self._values(one) for one in attributes}
        if len(self.values) < len(attributes):
            raise SettingError("dataset.source.attributes: names an attribute twice; give its values in one list")
        self.sizes = [1 if len(values) == 2 else len(values) for values in self.values.values()]
        self.changes = self._named()
        self.domains = {name: self._label(*change) for name, change in self.changes.items()}
        self.drawing: dict[str, Any] = dict(self.options)
        for attribute, values in self.values.items():
            self.drawing |= self._allowed(attribute, values)

    def load(self, split: str, size: tuple[int, int]) -> LabelledPictures:
        attribute = next(iter(self.values))
        images = self._draw(split, size, self.drawing, attribute)
        columns = []
        for name, values in self.values.items():
            kinds = torch.tensor([self.faces.classes[name].index(value) for value in values])
            one_hot = images.attributes[name][:, None] == kinds
            columns.append(one_hot[:, 1:] if len(values) == 2 else one_hot)
        return LabelledPictures(images, torch.cat(columns, 1).long())

    def translated(self, split: str, size: tuple[int, int], domain: str) -> TensorImages:
        attribute, value = self.changes[domain]
        return self._draw(split, size, {**self.drawing, **self._allowed(attribute, [value])}, attribute)

    def _draw(self, split: str, size: tuple[int, int], options: dict[str, Any], label: str) -> TensorImages:
        count = count_of_split(self.counts, split)
        drawn = drawn_faces(self.faces, self.cache_dir, self.style, split, options, count, size)
        return TensorImages(drawn["images"], drawn["attributes"], label, self.faces.classes[label])

    def _values(self, given: Sequence[str]) -> list[str]:
        """The values of an attribute, as its classes have them."""
        attribute, *values = given
        classes = self.faces.classes
        if attribute not in classes:
            allowed = ", ".join(sorted(classes))
            raise SettingError(
                f"dataset.source.attributes: {attribute} is not an attribute of these faces; allowed are {allowed}"
            )
        known = classes[attribute]
        codes = dict(zip(colour_names(known), known, strict=True))
        chosen = [codes.get(value, value) for value in values] or list(known)
        for typed, value in zip(values, chosen, strict=False):
            if value not in known:
                allowed = ", ".join(with_colour_names(known))
                raise SettingError(f"dataset.source.attributes: {attribute} has no value {typed}; it has {allowed}")
        if len(chosen) < 2 or len(set(chosen)) < len(chosen):
            raise SettingError(
                f"dataset.source.attributes: {attribute} has the values {', '.join(chosen)}; two or more different "
                "ones are needed"
            )
        return chosen

    def _named(self) -> dict[str, tuple[str, str]]:
        """Attribute and value of each domain, by its name."""
        named: dict[str, tuple[str, str]] = {}
        for attribute, values in self.values.items():
            spoken = dict(zip(values, colour_names(values), strict=True))
            for value in values:
                name = domain_name("no", attribute) if value == "none" else domain_name(spoken[value])
                if name in named:
                    name = domain_name(spoken[value], attribute)
                if name in named:
                    raise SettingError(f"dataset.source.attributes: two domains would be called {name}; leave one out")
                named[name] = attribute, value
        return named

    def _label(self, attribute: str, value: str) -> list[int | None]:
        """What the label of a face with this value has at each place."""
        label: list[int | None] = []
        for name, values in self.values.items():
            places = values[1:] if len(values) == 2 else values
            label += [int(place == value) if name == attribute else None for place in places]
        return label

    def _allowed(self, attribute: str, values: Sequence[str]) -> dict[str, Any]:
        """Options with which faces have one of some values of an attribute, out of the choices that are left."""
        chosen = self.faces.choosing(attribute, values)
        for name, choices in chosen.items():
            left = self.options.get(name)
            if left is not None and isinstance(choices, list):
                chosen[name] = [choice for choice in choices if choice in left]
                if not chosen[name]:
                    raise SettingError(
                        f"dataset.source.options.{name}={left}: leaves no choice for the {attribute} "
                        f"{' or '.join(values)}"
                    )
        return chosen
