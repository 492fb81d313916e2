"""Sentences of the grammar, told from all others."""

import itertools

import pytest
import torch

from gan_lightning.data import Expressions
from gan_lightning.data.sources.expressions import OPERATORS, is_expression


def derived(most: int) -> set[str]:
    """All sentences of at most so many tokens, by applying the rules until nothing new follows."""
    found = {"x"}
    while True:
        brackets = {f"({one})" for one in found}
        joined = {f"{a}{operator}{b}" for a, b in itertools.product(found, repeat=2) for operator in OPERATORS}
        new = {text for text in brackets | joined if len(text) <= most} - found
        if not new:
            return found
        found |= new


def test_exactly_the_sentences_are_accepted() -> None:
    sentences = derived(5)
    letters = "x+-*/()"
    every = ("".join(word) for length in range(6) for word in itertools.product(letters, repeat=length))
    assert {text for text in every if is_expression(text)} == sentences


def test_all_that_is_drawn_is_valid_and_fits() -> None:
    source = Expressions(length=9, size=400)
    token = source.load("train")
    assert token.shape == (400, 9)
    assert source.is_valid(token).all()
    assert len(source.load("test")) == 40
    assert len({tuple(row) for row in token.tolist()}) > 50
    assert torch.equal(token, Expressions(length=9, size=400).load("train"))
    broken = token.clone()
    broken[:, 0] = 2  # a sentence cannot begin with an operator
    assert not source.is_valid(broken).any()


@pytest.mark.parametrize("length", [1, 2, 4])
def test_short_sentences_fit_too(length) -> None:
    assert Expressions(length=length, size=50).load("train").shape == (50, length)
