"""Batches of few images."""

from collections import Counter

import pytest

from gan_lightning.data import EpochBatches, Place
from gan_lightning.errors import SettingError


@pytest.mark.parametrize(("size", "world_size"), [(1, 1), (1, 3), (5, 1), (5, 3), (23, 3)])
def test_images_fewer_than_a_batch_come_again_until_it_is_full(size, world_size):
    ranks = [EpochBatches(size, batch_size=8, seed=0, place=Place(rank, world_size)) for rank in range(world_size)]
    drawn = [list(order) for order in ranks]
    assert all(len(draws) == max(1, size // (8 * world_size)) for draws in drawn)
    assert all(len(draw.positions) == 8 for draws in drawn for draw in draws)
    counts = Counter(position for draws in drawn for draw in draws for position in draw.positions)
    assert max(counts.values()) - min(counts.values()) <= 1  # each as often as any other


def test_repetitions_are_augmented_differently():
    ranks = [EpochBatches(1, batch_size=4, seed=0, place=Place(rank, 2)) for rank in range(2)]
    assert len({draw.seed for order in ranks for draw in order}) == 2


def test_a_batch_of_none_is_refused():
    with pytest.raises(SettingError, match=r"dataset\.batch_size=0: a whole number from 1"):
        EpochBatches(5, batch_size=0, seed=0)
