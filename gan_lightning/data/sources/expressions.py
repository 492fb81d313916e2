"""A language of arithmetic, whose sentences can be told from all others."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.data.sequences import SequenceSource
from gan_lightning.ranges import Few, Many, Seed, within
from gan_lightning.tokens import words

OPERATORS = "+-*/"


@final
class Expressions(SequenceSource):
    """Expressions such as `x*(x+x)`, of the grammar S -> x | S+S | S-S | S*S | S/S | (S), which is that of Kusner &
    Hernandez-Lobato (arXiv:1611.04051) with brackets.

    Each rule begins a sentence with the same probability among those that its length allows. Whether a sequence is a
    sentence is decided exactly.

    Args:
        length: the most tokens of a sentence.
        size: training sentences; a tenth as many are held out. The same sentence may come several times.
        seed: of the sentences. Runs with other seeds have the same data.

    Raises:
        SettingError: a number out of its range.
    """

    separator = ""
    end = 0
    vocabulary = ("", "x", *OPERATORS, "(", ")")

    def __init__(self, length: Few, size: Many, seed: Seed = 0) -> None:
        self.length = within("dataset.source.length", Few, length)
        self.size = within("dataset.source.size", Many, size)
        self.seed = within("dataset.source.seed", Seed, seed)

    def load(self, split: str) -> Tensor:
        count = self.size if split == "train" else max(1, self.size // 10)
        self.random = torch.Generator().manual_seed(self.seed + (1 if split == "train" else 2))
        return self.encode([self._sentence(self.length) for _ in range(count)])

    def is_valid(self, token: Tensor) -> Tensor:
        texts = ("".join(self.vocabulary[part] for part in words(row, self.end)) for row in token.tolist())
        return torch.tensor([is_expression(text) for text in texts])

    def _sentence(self, most: int) -> str:
        """A sentence of at most `most` tokens; one that allows no other rule is x."""
        rule = self._choose(6 if most >= 3 else 1)
        if rule == 0:
            return "x"
        if rule == 5:
            return f"({self._sentence(most - 2)})"
        left = self._sentence(most - 2)
        return f"{left}{OPERATORS[rule - 1]}{self._sentence(most - 1 - len(left))}"

    def _choose(self, options: int) -> int:
        return int(torch.randint(options, (), generator=self.random))


def is_expression(text: str) -> bool:
    """Whether a text follows from S -> x | S+S | S-S | S*S | S/S | (S).

    >>> [is_expression(text) for text in ("x", "(x+x)*x", "x+", "(x", "()", "xx", "")]
    [True, True, False, False, False, False, False]
    """
    depth, complete = 0, False  # brackets that are open, and whether an operand has just ended
    for letter in text:
        if letter in OPERATORS or letter == ")":
            if not complete:
                return False
            complete = letter == ")"
            depth -= complete
            if depth < 0:
                return False
        else:
            if complete:
                return False
            complete = letter == "x"
            depth += letter == "("
    return complete and depth == 0
