"""Some images of a set: which they are, and orders without a pattern."""

import torch

from gan_lightning.data import TensorImages
from gan_lightning.data.sources.selected import SelectedImages, shuffled_positions, spread, without_pattern


def numbered(count: int) -> TensorImages:
    """Images whose pixels are their number, in three classes one after the other, as folders are read."""
    images = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(-1, 1, 2, 2)
    return TensorImages(images, {"kind": torch.arange(count) * 3 // count}, "kind", ["a", "b", "c"])


def numbers(images: object) -> list[int]:
    return images.pixels(list(range(len(images))))[:, 0, 0, 0].tolist()


def test_images_keep_the_order_of_the_positions_and_their_labels() -> None:
    chosen = SelectedImages(numbered(9), torch.tensor([7, 0, 4, 0]))
    assert numbers(chosen) == [7, 0, 4, 0]
    assert chosen.pixels([2, 0])[:, 0, 0, 0].tolist() == [4, 7]
    assert chosen.labels.tolist() == [2, 0, 1, 0]
    assert chosen.class_names == ["a", "b", "c"]


def test_the_fingerprint_follows_the_images_and_the_positions() -> None:
    def fingerprint(count: int, *positions: int) -> str:
        return SelectedImages(numbered(count), torch.tensor(positions)).fingerprint

    assert fingerprint(9, 1, 2) == fingerprint(9, 1, 2)
    assert len({fingerprint(9, 1, 2), fingerprint(9, 2, 1), fingerprint(9, 1), fingerprint(8, 1, 2)}) == 4


def test_fewer_images_are_drawn_from_all_classes_and_keep_their_order() -> None:
    images = numbered(120)
    assert spread(images, 120) is images
    few = spread(images, 30)
    assert numbers(few) == sorted(set(numbers(few)))
    assert torch.bincount(few.labels, minlength=3).min() >= 5  # 10 of each expected
    assert len(few) == 30


def test_the_first_images_of_an_order_without_a_pattern_are_like_all() -> None:
    images = numbered(120)
    assert without_pattern(images, 120) is images
    mixed = without_pattern(images, 30)
    assert sorted(numbers(mixed)) == list(range(120))
    assert torch.bincount(mixed.labels[:30], minlength=3).min() >= 5
    assert torch.equal(shuffled_positions(120), shuffled_positions(120))
