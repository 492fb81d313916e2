"""Statistics of n-grams against torchmetrics and plain counting."""

import random

import pytest
from torchmetrics.functional.text import bleu_score

from gan_lightning.metrics.scores.ngrams import ngram_distance, self_bleu


@pytest.mark.parametrize("order", [1, 2, 3])
def test_self_bleu_is_bleu_against_all_others(order) -> None:
    random.seed(order)
    texts = [[random.choice([1, 1, 2, 3, 4]) for _ in range(random.randint(3, 9))] for _ in range(25)]
    texts.sort(key=len)  # of references whose lengths are as near, torchmetrics takes the first, others the shorter one
    written = [" ".join(map(str, text)) for text in texts]
    others = [[*written[:number], *written[number + 1 :]] for number in range(len(written))]
    assert self_bleu(texts, order) == pytest.approx(bleu_score(written, others, n_gram=order).item(), rel=1e-5)


def test_texts_without_common_tokens_have_none() -> None:
    assert self_bleu([[1, 2], [3, 4]], order=1) == 0
    assert self_bleu([[], []], order=1) == 0


def test_the_distance_is_total_variation() -> None:
    one, another = [[1, 2, 1], [2]], [[1, 1, 1, 3]]
    assert ngram_distance(one, another, 1) == pytest.approx((1 / 4 + 2 / 4 + 1 / 4) / 2)
    assert ngram_distance(one, another, 2) == pytest.approx(1)
    assert ngram_distance(one, one, 2) == 0
    assert ngram_distance([[1]], [[1]], 3) == 0  # too short for any
