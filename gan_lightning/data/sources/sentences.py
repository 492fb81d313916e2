"""Sentences of text files."""

from collections import Counter
from collections.abc import Sequence
from typing import final

from torch import Tensor

from gan_lightning.data.sequences import SequenceSource
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.ranges import Few, Many, PathText, within

UNKNOWN = "<unk>"


@final
class Sentences(SequenceSource):
    """Lines of two text files in UTF-8, a sentence each, with spaces between the words. Empty lines are left out.

    The vocabulary has the most frequent words of the training file, equally frequent ones in alphabetical order, and
    `<unk>`, which takes the place of every other word (as in ScratchGAN's code, arXiv:1905.09922).

    Args:
        train: the file of training sentences.
        test: the file of those that are held out.
        length: the most words of a sentence.
        words: how many words to keep. ScratchGAN: 20,000.

    Raises:
        SettingError: a number out of its range; a file that cannot be read, or has no sentence; a sentence that is
            longer than `length`.
    """

    separator = " "
    end = 0

    def __init__(self, train: PathText, test: PathText, length: Few, words: Many) -> None:
        self.length = within("dataset.source.length", Few, length)
        most = within("dataset.source.words", Many, words)
        self.sentences = {"train": _read("train", train), "test": _read("test", test)}
        counts = Counter(word for sentence in self.sentences["train"] for word in sentence)
        ranked = sorted(counts.keys() - {UNKNOWN}, key=lambda word: (-counts[word], word))
        self.vocabulary: Sequence[str] = ("", UNKNOWN, *ranked[:most])

    def load(self, split: str) -> Tensor:
        known = {*self.vocabulary}
        return self.encode(
            [[word if word in known else UNKNOWN for word in sentence] for sentence in self.sentences[split]]
        )


def _read(name: str, path: PathText) -> list[list[str]]:
    """The words of each line.

    Raises:
        SettingError: the file cannot be read, or has no sentence.
    """
    try:
        lines = expanded(path).read_text(encoding="utf-8-sig").splitlines()  # an editor may mark the beginning
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise SettingError(f"dataset.source.{name}={path}: cannot be read: {why}; give a text file") from error
    sentences = [words for line in lines if (words := line.split())]
    if not sentences:
        raise SettingError(f"dataset.source.{name}={path}: has no sentence; give a file with one on each line")
    return sentences
