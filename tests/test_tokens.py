"""Places that were chosen, and tokens at quantiles."""

import torch

from gan_lightning.tokens import choose, words, written


def test_uniform_quantiles_make_tokens_of_the_given_probabilities() -> None:
    logits = torch.tensor([0.3, -1.0, 2.0, 0.0])
    quantile = (torch.arange(20_000) + 0.5) / 20_000
    tokens = choose(logits.expand(20_000, 4), quantile)
    assert torch.allclose(tokens.bincount() / 20_000, logits.softmax(0), atol=1e-3)
    assert torch.equal(tokens, tokens.sort().values)  # a small change of the noise is a neighbour in the vocabulary
    assert choose(logits.expand(2, 4), torch.tensor([0.0, 1.0])).tolist() == [0, 3]


def test_tokens_of_a_large_vocabulary_are_chosen_from_bfloat16_too() -> None:
    logits = torch.zeros(1, 5000, dtype=torch.bfloat16)  # the sum of many 1 / 5000 would stop growing
    with torch.autocast("cpu", torch.bfloat16):
        tokens = torch.cat([choose(logits, torch.tensor([share])) for share in (0.2, 0.5, 0.8)])
    torch.testing.assert_close(tokens, torch.tensor([1000, 2500, 4000]), rtol=0, atol=2)


def test_the_end_is_chosen_and_what_follows_is_not() -> None:
    token = torch.tensor([[0, 0, 0], [1, 0, 0], [1, 2, 1]])
    assert written(token, end=0).sum(1).tolist() == [1, 2, 3]
    assert written(token, end=None).all()
    assert [words(row, 0) for row in token.tolist()] == [[], [1], [1, 2, 1]]
