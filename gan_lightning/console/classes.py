"""Classes that are chosen by name or by number."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import torch
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from torch import Tensor

from gan_lightning.console.quoting import QUESTION_MARKS
from gan_lightning.data import colour_names, listed, with_colour_names
from gan_lightning.errors import SettingError


def conditions(
    labels: object, spec: Mapping[str, Any], attributes: Sequence[str] | None, setting: str = "labels"
) -> Tensor:
    """What `labels` asks for: classes (K,), or combinations of attributes (K, A).

    Args:
        labels: class names or numbers, one or a list. Of data with several attributes, a combination is a list of
            numbers, one for each attribute.
        spec: of the data.
        attributes: their names, if the data have several.
        setting: the name of `labels` in messages.

    Raises:
        SettingError: the data set has no such class or combination.
    """
    if not isinstance(spec["num_classes"], list):
        return class_indices(
            labels, spec["class_names"], len(labels) if _is_list(labels) else 1, each=1, setting=setting
        )
    sizes = spec["num_classes"]
    names = attributes or [f"attribute {i}" for i in range(len(sizes))]
    labels = _as_numbers(labels)
    combinations: Sequence[Any] = labels if _is_list(labels) and all(map(_is_list, labels)) else [labels]
    for one in combinations:
        whole = _is_list(one) and len(one) == len(sizes) and all(type(value) is int for value in one)
        if not whole or not all(0 <= value < size for value, size in zip(one, sizes, strict=True)):
            ranges = ", ".join(f"{name} 0 to {size - 1}" for name, size in zip(names, sizes, strict=True))
            example = ",".join("0" for _ in sizes)
            raise SettingError(
                f"{setting}={labels}: this checkpoint has {len(sizes)} attributes ({ranges}); give a number for each "
                f"in this order, such as '{setting}=[{example}]', or a list of such lists"
            )
    return torch.tensor([list(one) for one in combinations])


def _as_numbers(labels: object) -> object:
    """Text that is a whole number as this number, in lists too: on a command line, classes are text."""
    if _is_list(labels):
        return [_as_numbers(one) for one in labels]
    return int(labels) if isinstance(labels, str) and re.fullmatch(r"-?\d+", labels) else labels


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def class_indices(labels: object, class_names: list[str], n: int, each: int, setting: str = "labels") -> Tensor:
    """Class names or numbers, one or a list, as labels (n,): `each` of a class, the list repeated as often as needed.

    A number is the place of a class in the order of the data set, counted from 0. Where the name of any class is a
    whole number, numbers are names and nothing else. The names of colours serve as well as their codes.

    Args:
        labels: text; in a sweep as Hydra reads them: the class `1e3` may arrive as the number 1000.0.
        class_names: of the data set, in order.
        n: how many labels.
        each: how many in a row have the same class.
        setting: the name of `labels` in messages.

    Raises:
        SettingError: a class that the data set does not have, or one that may be either of two.
    """
    wanted = list(labels) if _is_list(labels) else [labels]
    if not wanted:
        raise SettingError(f"{setting}=[]: at least one class, or leave the setting out")
    indices = [_index("???" if item == QUESTION_MARKS else item, class_names, setting) for item in wanted]
    return torch.tensor(indices)[torch.arange(n) // each % len(indices)]


def _index(item: object, class_names: list[str], setting: str) -> int:
    if item in class_names:
        return class_names.index(str(item))
    places = [str(i) for i in range(len(class_names))]
    numbered = class_names != places and any(re.fullmatch(r"[+-]?\d+", name) for name in class_names)
    meant = [i for i, name in enumerate(class_names) if _same(_typed(name), item)]
    meant = meant or [i for i, name in enumerate(colour_names(class_names)) if name == item]
    if len(meant) > 1:
        either = " or ".join(class_names[i] for i in meant)
        raise SettingError(
            f"{setting}={item}: could be the class {either}; write its name in quotes: {setting}=[\\'NAME\\']"
        )
    if meant:
        return meant[0]
    if not numbered and str(item) in places:
        return places.index(str(item))
    if not class_names:
        raise SettingError(f"{setting}={item}: the checkpoint's data set has no labels; leave this setting out")
    named = with_colour_names(class_names)
    if numbered:
        known = f"{listed(named, most=100)}, by name only, because some names are numbers"
    else:
        known = listed([f"{i}={name}" for i, name in enumerate(named)], most=100)
    raise SettingError(f"{setting}={item}: the checkpoint's data set has the classes {known}")


def _typed(name: str) -> object:
    """What Hydra makes of a name that is typed without quotes; the name itself where that is an error."""
    try:
        return OverridesParser.create().parse_override(f"labels={name}").value()
    except HydraException:
        return name


def _same(typed: object, item: object) -> bool:
    both_nan = isinstance(typed, float) and isinstance(item, float) and math.isnan(typed) and math.isnan(item)
    return both_nan or (type(typed) is type(item) and typed == item)
