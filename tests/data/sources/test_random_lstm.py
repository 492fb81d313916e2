"""The oracle knows the probability of what it writes."""

import itertools

import torch

from gan_lightning.data import RandomLSTM
from gan_lightning.networks import LSTMGenerator


def test_probabilities_add_up_to_one_and_sequences_occur_as_often() -> None:
    oracle = RandomLSTM(vocabulary_size=3, length=2, size=20_000, hidden=4)
    every = torch.tensor([*itertools.product(range(3), repeat=2)])
    probability = oracle.log_likelihood(every).exp()
    assert torch.isclose(probability.sum(), torch.tensor(1.0), atol=1e-5)
    drawn = oracle.load("train")
    shares = torch.stack([(drawn == row).all(1).float().mean() for row in every])
    assert torch.allclose(shares, probability, atol=0.012)
    assert len(oracle.load("test")) == 2_000


def test_it_is_the_generator_with_other_weights() -> None:
    oracle = RandomLSTM(vocabulary_size=7, length=5, size=10, hidden=6)
    generator = LSTMGenerator(num_tokens=7, length=5, end=None, embedding=6, hidden=6)
    generator.embedding.weight.data = oracle.embedding.weight
    generator.output.load_state_dict(oracle.output.state_dict())
    generator.lstm.load_state_dict({f"{name}_l0": value for name, value in oracle.cell.state_dict().items()})
    token = oracle.load("train")
    assert torch.allclose(generator.log_likelihood(token).sum(1), oracle.log_likelihood(token), atol=1e-4)


def test_data_are_the_same_for_every_run() -> None:
    one, another = (RandomLSTM(vocabulary_size=20, length=4, size=10) for _ in range(2))
    assert torch.equal(one.load("train"), another.load("train"))
    assert not torch.equal(one.load("train"), RandomLSTM(20, 4, 10, seed=1).load("train"))
