"""Sentences to numbers and back, and the messages for sentences that cannot be read."""

import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.vocabulary import Vocabulary, other_words, words_of

VOCABULARY = Vocabulary(["a", "green", "hair", "man", "with"], length=6)


def test_punctuation_and_capitals_make_no_difference():
    assert torch.equal(VOCABULARY.encode(["A man, with GREEN hair."]), VOCABULARY.encode(["a man with green hair"]))
    assert words_of("the man's hair") == ["the", "man's", "hair"]


def test_a_sentence_comes_back():
    encoded = VOCABULARY.encode(["a man with hair", "green"])
    assert encoded.shape == (2, 6)
    assert [VOCABULARY.decode(row) for row in encoded] == ["a man with hair", "green"]


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("", r"caption='': has no words"),
        (" ,. ", r"has no words"),
        ("a man with blue hair and a hat", r"blue, and, hat were never seen in training; .* a, green, hair, man, with"),
        ("a man with gren hair", r"gren \(meant green\?\) was never seen"),
        ("a a a a a a a", r"has 7 words, and at most 6 are read"),
    ],
)
def test_what_cannot_be_read_is_named(sentence, said):
    with pytest.raises(SettingError, match=said):
        VOCABULARY.encode(["a man", sentence])


def test_differences_of_words_are_named():
    assert other_words(["a", "b"], ["a", "b"]) is None
    assert other_words(["a", "c", "d"], ["a", "b"]) == "have the words c, d and lack b"
    assert other_words(["a"], ["a", "b"]) == "lack b"
    assert other_words(["b", "a"], ["a", "b"]) == "have the same words in another order"
