"""The words of sentences, as numbers that networks can look up."""

import difflib
import re
from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.ranges import Few, within

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_SHOWN = 60
"""Most characters of a sentence that a message repeats."""


def words_of(sentence: str) -> list[str]:
    """The words of a sentence in small letters, without punctuation.

    >>> words_of("A man, with green hair.")
    ['a', 'man', 'with', 'green', 'hair']
    """
    return _WORD.findall(sentence.casefold())


def other_words(given: Sequence[str], known: Sequence[str]) -> str | None:
    """How the words of some captions differ from those that a model reads, as the end of a sentence; None if not.

    >>> other_words(["a", "hat"], ["a", "man"])
    'have the word hat and lack man'
    """
    new, gone = ([word for word in one if word not in other] for one, other in ((given, known), (known, given)))
    if not new and not gone:
        return None if list(given) == list(known) else "have the same words in another order"
    parts = [f"have the word{'s' * (len(new) > 1)} {', '.join(new)}"] if new else []
    return " and ".join([*parts, *([f"lack {', '.join(gone)}"] if gone else [])])


@final
class Vocabulary:
    """The words that sentences may have. Number 0 fills a sentence up to its length; words count from 1.

    Args:
        words: in the order of their numbers.
        length: most words of a sentence, 1 to 1,024.

    Raises:
        SettingError: another length.

    >>> vocabulary = Vocabulary(["a", "man", "smiling"], length=4)
    >>> vocabulary.encode(["A smiling man", "man"])
    tensor([[1, 3, 2, 0],
            [2, 0, 0, 0]])
    >>> vocabulary.decode(torch.tensor([1, 3, 2, 0]))
    'a smiling man'
    """

    def __init__(self, words: Sequence[str], length: int) -> None:
        self.words, self.length = list(words), within("captions.length", Few, length)
        self._numbers = {word: i for i, word in enumerate(self.words, 1)}

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, sentences: Sequence[str]) -> Tensor:
        """Sentences as the numbers of their words, (N, length) long.

        Raises:
            SettingError: a sentence has no word, more than `length`, or some that are not known; it names all of these.
        """
        encoded = torch.zeros(len(sentences), self.length, dtype=torch.long)
        for i, sentence in enumerate(sentences):
            words = words_of(sentence)
            self._check(sentence, words)
            encoded[i, : len(words)] = torch.tensor([self._numbers[word] for word in words])
        return encoded

    def _check(self, sentence: str, words: Sequence[str]) -> None:
        shown = sentence if len(sentence) <= _SHOWN else f"{sentence[: _SHOWN - 4]} ..."
        if not words:
            raise SettingError(f"caption={shown!r}: has no words; say what the picture should show")
        unknown = list(dict.fromkeys(word for word in words if word not in self._numbers))
        if unknown:
            near = [f"{word} ({self._near(word)})" if self._near(word) else word for word in unknown]
            known = ", ".join(sorted(self.words))
            were = "was" if len(unknown) == 1 else "were"
            raise SettingError(
                f"caption={shown!r}: {', '.join(near)} {were} never seen in training; the model knows the words {known}"
            )
        if len(words) > self.length:
            raise SettingError(f"caption={shown!r}: has {len(words)} words, and at most {self.length} are read")

    def _near(self, word: str) -> str:
        """What may have been meant, as a question; nothing if no word is similar."""
        similar = difflib.get_close_matches(word, self.words, n=1, cutoff=0.75)
        return f"meant {similar[0]}?" if similar else ""

    def decode(self, encoded: Tensor) -> str:
        """The words of a sentence (length,) with spaces between them."""
        return " ".join(self.words[number - 1] for number in encoded.tolist() if number > 0)
