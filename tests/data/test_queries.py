"""What validation asks noise-to-image models for: exact shares, and conditions as often as in the data."""

from collections import Counter

import pytest
import torch

from gan_lightning.data.queries import in_turn, queries
from gan_lightning.data.sampler import Place

LABELS = torch.tensor([0] * 5 + [1] * 3 + [2] * 2)


@pytest.mark.parametrize("world_size", [1, 3])
def test_each_query_is_asked_for_once_under_conditions_as_often_as_in_the_data(world_size: int) -> None:
    shares = [list(queries(LABELS, 40, 4, Place(rank, world_size))) for rank in range(world_size)]
    asked = [(int(n), int(c)) for share in shares for query in share for n, c in zip(*query, strict=True)]
    assert sorted(number for number, _ in asked) == list(range(40))
    assert Counter(condition for _, condition in asked) == {0: 20, 1: 12, 2: 8}
    order = in_turn(LABELS)
    assert all(condition == order[number % 10] for number, condition in asked)  # whatever the process
    assert max(len(query.number) for share in shares for query in share) == 4


def test_conditions_are_mixed_in_an_order_that_stays() -> None:
    attributes = torch.stack([torch.arange(50), torch.arange(50) % 3], 1)
    mixed = in_turn(attributes)
    assert torch.equal(mixed, in_turn(attributes))
    assert not torch.equal(mixed, attributes)
    assert torch.equal(mixed[mixed[:, 0].argsort()], attributes)  # rows stay together


def test_every_process_is_asked_for_something() -> None:
    shares = [list(queries(LABELS, 0, 4, Place(rank, 3))) for rank in range(3)]
    assert sorted(int(query.number) for share in shares for query in share) == [0, 1, 2]
