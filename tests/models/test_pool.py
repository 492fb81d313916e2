"""The memory of earlier fakes."""

import pytest
import torch

from gan_lightning.models.pool import ImagePool


def test_pool_returns_its_input_until_it_is_full():
    pool = ImagePool(4)
    images = torch.arange(4.0).view(4, 1, 1, 1)
    assert torch.equal(pool(images), images)
    assert len(pool.content()) == 4


def test_full_pool_exchanges_half_and_loses_none():
    pool = ImagePool(10)
    torch.manual_seed(0)
    shown = [float(image) for batch in torch.arange(2000.0).view(-1, 4, 1, 1, 1) for image in pool(batch)]
    kept = [float(image) for image in pool.content()]
    # Whatever was exchanged is either still in the pool or was shown once in another's place.
    assert sorted(set(shown) | set(kept)) == list(range(2000))
    exchanged = sum(value != position for position, value in enumerate(shown))
    assert 900 < exchanged < 1100
    ages = [position - value for position, value in enumerate(shown) if value != position]
    assert 15 < sum(ages) / len(ages) < 25  # leaves with probability 1/20 a step
    assert len(kept) == 10


def test_empty_pool_shows_what_it_is_given():
    images = torch.rand(3, 1, 2, 2)
    assert torch.equal(ImagePool(0)(images), images)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_an_image_that_is_not_finite_is_shown_once_and_not_kept(bad):
    torch.manual_seed(0)
    pool = ImagePool(3)
    images = torch.arange(4.0).view(4, 1, 1, 1)
    images[1] = bad
    assert torch.equal(pool(images).nan_to_num(7, 8), images.nan_to_num(7, 8))
    assert [float(image) for image in pool.content()] == [0, 2, 3], "the pool is full without it"
    for _ in range(20):
        shown = pool(torch.full((1, 1, 1, 1), bad))
        assert not shown.isfinite().any()
    assert [float(image) for image in pool.content()] == [0, 2, 3]
