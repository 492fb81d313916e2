"""Statistics of n-grams, n tokens in a row: how alike samples are among themselves, and how they differ from others."""

import math
from collections import Counter
from collections.abc import Sequence

Text = Sequence[int]
"""The tokens of one sequence, without its end."""


def ngrams(text: Text, n: int) -> Counter[tuple[int, ...]]:
    """How often each n-gram occurs.

    >>> ngrams([1, 2, 1, 2], 2)
    Counter({(1, 2): 2, (2, 1): 1})
    """
    return Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))


def self_bleu(texts: Sequence[Text], order: int) -> float:
    """BLEU (Papineni et al. 2002, doi:10.3115/1073083.1073135) of each text against all others as its references, over
    all texts together (Zhu et al. 2018, arXiv:1802.01886, introduce it as a mean over texts): 1 if each has a twin, 0
    if no n-gram of the length `order` occurs in two texts. Less is more diverse.

    Args:
        texts: at least two.
        order: the longest n-grams.

    >>> self_bleu([[1, 2, 3], [1, 2, 3]], order=2)
    1.0
    >>> round(self_bleu([[1, 2, 3], [1, 2, 4]], order=2), 4)  # 2/3 of the tokens, 1/2 of the pairs
    0.5774
    """
    logarithm = 0.0
    for n in range(1, order + 1):
        found = [ngrams(text, n) for text in texts]
        # The largest count of each n-gram, and the largest of another text: those of the references of every text.
        largest: dict[tuple[int, ...], tuple[int, int, int]] = {}
        for number, counts in enumerate(found):
            for gram, count in counts.items():
                first, owner, second = largest.get(gram, (0, -1, 0))
                if count > first:
                    largest[gram] = count, number, first
                else:
                    largest[gram] = first, owner, max(second, count)
        matches = total = 0
        for number, counts in enumerate(found):
            total += sum(counts.values())
            for gram, count in counts.items():
                first, owner, second = largest[gram]
                matches += min(count, second if owner == number else first)
        if matches == 0:
            return 0.0
        logarithm += math.log(matches / total) / order
    written, reference = sum(map(len, texts)), sum(_nearest(texts))
    return math.exp(logarithm + min(0.0, 1 - reference / written))


def _nearest(texts: Sequence[Text]) -> list[int]:
    """For each text, the length among the others' that is nearest to its own; of two as near, the shorter one."""
    lengths = Counter(map(len, texts))

    def nearest(own: int) -> int:
        others = (length for length, count in lengths.items() if length != own or count > 1)
        return min(others, key=lambda length: (abs(length - own), length))

    return [nearest(len(text)) for text in texts]


def ngram_distance(texts: Sequence[Text], others: Sequence[Text], n: int) -> float:
    """The total variation distance of the n-gram frequencies of two sets of texts, in [0, 1]: the share of n-grams that
    would have to be others for both to agree. Two finite samples of one distribution are above 0.

    >>> ngram_distance([[1, 2]], [[1, 3]], n=1)
    0.5
    """
    one, another = (sum((ngrams(text, n) for text in side), Counter()) for side in (texts, others))
    sizes = [max(1, side.total()) for side in (one, another)]
    return sum(abs(one[gram] / sizes[0] - another[gram] / sizes[1]) for gram in one | another) / 2
