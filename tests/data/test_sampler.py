"""Orders of one set and of two, shares of processes, and batches of few images."""

from collections import Counter

import pytest

from gan_lightning.data import EpochBatches
from gan_lightning.data.sampler import Place, TwoOrders
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


def orders(sizes: tuple[int, int], seed: int = 0, epoch: int = 0, **settings: int) -> tuple[list[int], list[int]]:
    order = TwoOrders(sizes, seed=seed, **{"batch_size": 1, **settings})
    order.set_epoch(epoch)
    draws = list(order)
    return tuple(sum((draw[side].positions for draw in draws), []) for side in range(2))


def test_an_epoch_is_as_long_as_the_longer_side_and_the_shorter_comes_in_fresh_orders():
    a, b = orders((23, 7))
    assert sorted(a) == list(range(23))
    passes = [b[start : start + 7] for start in (0, 7, 14)]
    assert all(sorted(one) == list(range(7)) for one in passes)
    assert len(b) == 23
    assert len(set(map(tuple, passes))) == 3
    assert sorted(orders((7, 23))[1]) == list(range(23))


def test_sides_of_one_size_have_unrelated_orders():
    a, b = orders((1000, 1000))
    agreeing = sum(x == y for x, y in zip(a, b, strict=True))
    assert agreeing < 10  # 1 expected
    assert orders((1000, 500))[0] == a  # the order of a does not depend on b
    assert orders((1000, 1000), epoch=1)[0] != b  # nor is the one a later order of the other


@pytest.mark.parametrize("side", [0, 1])
def test_orders_follow_from_seed_and_epoch(side):
    assert orders((50, 20))[side] == orders((50, 20))[side]
    assert orders((50, 20), epoch=1)[side] != orders((50, 20))[side]
    assert orders((50, 20), seed=1)[side] != orders((50, 20))[side]


def test_sides_draw_seeds_of_their_own():
    seeds = [seed for draws in TwoOrders((40, 40), 4, seed=0) for seed in (draws[0].seed, draws[1].seed)]
    assert len(set(seeds)) == len(seeds) == 20


def test_processes_together_draw_what_one_with_their_joint_batch_draws():
    alone = list(TwoOrders((22, 9), batch_size=6, seed=3))
    ranks = [TwoOrders((22, 9), batch_size=2, seed=3, place=Place(rank, 3)) for rank in range(3)]
    assert len(alone) == len(ranks[0]) == 3
    for one, several in zip(alone, zip(*ranks, strict=True), strict=True):
        for side in range(2):
            assert one[side].positions == sum((draws[side].positions for draws in several), [])


def test_an_epoch_shows_every_image_once_and_the_next_in_another_order():
    batches = EpochBatches(size=20, batch_size=5, seed=0)
    first = [draw.positions for draw in batches]
    assert sorted(sum(first, [])) == list(range(20))
    assert [draw.positions for draw in batches] == first
    batches.set_epoch(1)
    assert [draw.positions for draw in batches] != first


def test_processes_together_see_what_one_process_with_their_joint_batch_sees():
    alone = [draw.positions for draw in EpochBatches(22, batch_size=6, seed=3)]
    ranks = [EpochBatches(22, batch_size=2, seed=3, place=Place(rank, 3)) for rank in range(3)]
    together = [sum((draw.positions for draw in draws), []) for draws in zip(*ranks, strict=True)]
    assert together == alone
    assert len(alone) == len(ranks[0]) == 3


def test_an_epoch_goes_on_where_a_run_was_interrupted():
    whole = EpochBatches(22, batch_size=3, seed=3)
    whole.set_epoch(4)
    order = list(whole)
    resumed = EpochBatches(22, batch_size=3, seed=3, place=Place(epoch=4, batch=5))
    assert list(resumed) == order[5:]  # also before Lightning calls set_epoch: readers begin early
    resumed.set_epoch(4)
    assert list(resumed) == order[5:]
    assert len(resumed) == len(order)
    for epoch in (5, 6):
        whole.set_epoch(epoch)
        resumed.set_epoch(epoch)
        assert list(resumed) == list(whole)
    assert list(EpochBatches(22, batch_size=3, seed=3, place=Place(epoch=0, batch=7))) == []
