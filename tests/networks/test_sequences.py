"""Networks that write sequences."""

import itertools

import pytest
import torch
from torch.nn import functional as F

from gan_lightning.networks import LSTMGenerator


@pytest.fixture
def generator() -> LSTMGenerator:
    torch.manual_seed(0)
    return LSTMGenerator(num_tokens=3, length=3, end=0, embedding=4, hidden=5, std=1.0)


def every(length: int) -> torch.Tensor:
    """All sequences of three tokens whose token 0 ends them."""
    rows = [row for row in itertools.product(range(3), repeat=length) if 0 not in row or not any(row[row.index(0) :])]
    return torch.tensor(rows)


def test_probabilities_of_all_sequences_add_up_to_one(generator) -> None:
    likelihood = generator.log_likelihood(every(3)).sum(1).exp()
    assert likelihood.sum().item() == pytest.approx(1, abs=1e-5)


def test_sequences_are_drawn_as_often_as_they_are_likely(generator) -> None:
    torch.manual_seed(1)
    drawn = generator.write(torch.rand(40_000, 3))
    sequences = every(3)
    shares = torch.stack([(drawn == row).all(1).float().mean() for row in sequences])
    assert shares.sum() == 1  # nothing follows an end
    assert torch.allclose(shares, generator.log_likelihood(sequences).sum(1).exp(), atol=0.01)


def test_a_completion_keeps_what_it_is_given(generator) -> None:
    given = generator.write(torch.rand(50, 3))
    kept = torch.arange(50) % 4
    made = generator.write(torch.rand(50, 3), given, kept)
    for row, before, count in zip(made, given, kept.tolist(), strict=True):
        assert torch.equal(row[:count], before[:count])
    assert torch.equal(generator.write(torch.rand(50, 3), given, torch.full((50,), 3)), given)


def test_one_step_at_a_time_gives_the_logits_of_all_at_once(generator) -> None:
    token = torch.tensor([[1, 2, 1], [2, 2, 0]])
    before, state = torch.full((2,), 3), None
    for place, expected in enumerate(generator(token).unbind(1)):
        logits, state = generator.advance(before, state)
        assert torch.allclose(logits, expected, atol=1e-6)
        before = F.one_hot(token[:, place], 3).float()  # a certain distribution is its token
