"""Surnames, letter by letter."""

from importlib.resources import files
from importlib.util import find_spec
from string import ascii_lowercase
from typing import final

from torch import Tensor

from gan_lightning.data.sequences import SequenceSource
from gan_lightning.data.sources.selected import shuffled_positions
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Few, Several, within


@final
class Surnames(SequenceSource):
    """88,799 surnames of the census of the United States of 1990, from the package `names` (extra `names`).

    They are in a fixed random order; the last tenth of those that are taken is held out.

    Args:
        size: how many to take, the most frequent ones of the census.
        length: the most letters of a name. The longest have 13.

    Raises:
        SettingError: the package is not installed, a name is longer than `length`, or a number lies outside its range.
    """

    separator = ""
    end = 0
    vocabulary = ("", *ascii_lowercase)

    def __init__(self, size: Several = 88_799, length: Few = 13) -> None:
        self.size = within("dataset.source.size", Several, size)
        self.length = within("dataset.source.length", Few, length)
        if find_spec("names") is None:
            raise SettingError("dataset=names needs the package of surnames: pip install 'gan-lightning[names]'")

    def load(self, split: str) -> Tensor:
        rows = files("names").joinpath("dist.all.last").read_text(encoding="ascii").splitlines()[: self.size]
        names = [row.split()[0].lower() for row in rows]
        order = shuffled_positions(len(names)).tolist()
        held_out = max(1, len(names) // 10)
        chosen = order[:-held_out] if split == "train" else order[-held_out:]
        return self.encode([names[position] for position in chosen])
