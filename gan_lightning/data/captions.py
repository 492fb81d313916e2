"""Captions: what sentences say of images, and which of it can be checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from gan_lightning.vocabulary import Vocabulary

NOT_SAID = -1


@dataclass(frozen=True)
class Option:
    """Something that a caption may say: one attribute of the images, in fewer and plainer values.

    Attributes:
        attribute: of the images.
        values: their names.
        of_class: for each class of the attribute, the place of its value in `values`.
    """

    attribute: str
    values: Sequence[str]
    of_class: Sequence[int]


@final
class Asked:
    """What captions ask for, option by option.

    Args:
        options: in the order of the columns of `said`.
        said: of each caption and option the place of the value (N, A) long, `NOT_SAID` where the caption leaves it out.
        unseen: whether a caption describes a combination of options that training never showed (N,).
    """

    def __init__(self, options: Sequence[Option], said: Tensor, unseen: Tensor) -> None:
        self.options, self.said, self.unseen = options, said, unseen

    def at(self, positions: Tensor) -> "Asked":
        """Those of the captions at these positions (n,)."""
        return Asked(self.options, self.said[positions], self.unseen[positions])


@dataclass(frozen=True)
class CaptionSpec:
    """What networks and commands have to know of captions.

    Attributes:
        words: that occur in them, in the order of their numbers, which begin at 1.
        length: most words of a caption.
        shown: captions under which samples are shown if nobody asks for others.
    """

    words: list[str]
    length: int
    shown: list[str]


@final
class Captions:
    """The captions of a set of images: several wordings of each.

    Args:
        vocabulary: of all captions.
        words: numbers of the words (N, W, length): W wordings of each of N images. The first is the one that
            validation asks for.
        asked: what the first wording of each image says.
        held_out: combinations that training never shows, each by option the value that has to come together.
    """

    def __init__(
        self, vocabulary: Vocabulary, words: Tensor, asked: Asked, held_out: Sequence[Mapping[str, str]]
    ) -> None:
        self.vocabulary, self.words, self.asked, self.held_out = vocabulary, words, asked, held_out

    def spec(self, most: int = 8) -> CaptionSpec:
        """Their vocabulary, and at most so many captions to show: in turn one of a combination that training showed and
        one of a combination that it never did, as far as there are any."""
        firsts = [self.vocabulary.decode(row) for row in self.words[:, 0]]
        known, unknown = (
            list(dict.fromkeys(s for s, new in zip(firsts, self.asked.unseen.tolist(), strict=True) if new == wanted))
            for wanted in (False, True)
        )
        both = [sentence for pair in zip(known, unknown, strict=False) for sentence in pair]
        shown = list(dict.fromkeys([*both, *known, *unknown]))[:most]
        return CaptionSpec(self.vocabulary.words, self.vocabulary.length, shown)

    def fulfilled_by(self, attributes: Mapping[str, Tensor], caption: Tensor) -> Tensor:
        """Whether images with these attributes (N,) show all that a caption (length,), a first wording of one of the
        set, says. For any other caption, none of them do."""
        (found,) = (self.words[:, 0] == caption).all(1).nonzero(as_tuple=True)
        shown = self.shown_in(attributes).said
        if not len(found):
            return torch.zeros(len(shown), dtype=torch.bool)
        said = self.asked.said[found[0]]
        return ((said == NOT_SAID) | (said == shown)).all(1)

    def shown_in(self, attributes: Mapping[str, Tensor]) -> Asked:
        """All that images with these attributes (N,) show, as if a caption had said it."""
        said = values_of(self.asked.options, attributes)
        return Asked(self.asked.options, said, combined(self.asked.options, said, self.held_out))


def values_of(options: Sequence[Option], attributes: Mapping[str, Tensor]) -> Tensor:
    """The values (N, A) of options that images with these attributes (N,) have."""
    return torch.stack([torch.tensor(option.of_class)[attributes[option.attribute]] for option in options], 1)


def combined(options: Sequence[Option], values: Tensor, combinations: Sequence[Mapping[str, str]]) -> Tensor:
    """Whether values (N, A) contain one of the combinations (N,)."""
    names = [option.attribute for option in options]
    found = torch.zeros(len(values), dtype=torch.bool)
    for combination in combinations:
        there = torch.ones(len(values), dtype=torch.bool)
        for name, value in combination.items():
            column = names.index(name)
            there &= values[:, column] == list(options[column].values).index(value)
        found |= there
    return found
