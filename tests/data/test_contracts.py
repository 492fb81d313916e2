"""Pixels as numbers and back, and sets that belong together."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gan_lightning.data import Images, TensorImages
from gan_lightning.data.contracts import Draw, quantise, read_together, scaled

LEVELS = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)


def test_every_level_of_8_bits_survives() -> None:
    image = scaled(LEVELS)
    assert (image.min(), image.max()) == (-1, 1)
    torch.testing.assert_close(image.flatten(), torch.linspace(-1, 1, 256))
    assert torch.equal(quantise(image), LEVELS)


def test_levels_are_rounded_and_kept_in_range() -> None:
    step = 1 / 127.5
    assert quantise(torch.tensor([-1 + 0.4 * step, -1 + 0.6 * step, 1.3, -7.0])).tolist() == [0, 1, 255, 0]
    assert quantise(torch.tensor([0.5], dtype=torch.bfloat16)).tolist() == [191]


def test_images_without_a_label_have_the_class_zero() -> None:
    images = TensorImages(LEVELS.expand(3, -1, -1, -1), {"shade": torch.tensor([1, 2, 0])}, None, [], (0.0, 900.0))
    assert images.labels.tolist() == [0, 0, 0]
    assert images[Draw([2, 0], 0)].condition.tolist() == [0, 0]
    assert images.plain_range == [0, 900]
    assert TensorImages(images.images, images.attributes, "shade", ["a", "b", "c"]).labels.tolist() == [1, 2, 0]


class Fragile(Images):
    """Finds image 1 broken at its `fails`-th reading, and then shows 9 in its place, as its partner does."""

    label_name, attributes, channels, size, fingerprint = None, {}, 1, (1, 1), ""
    class_names: Sequence[str] = ()

    def __init__(self, found: set[int], fails: int) -> None:
        self.found, self.fails, self.readings = found, fails, 0

    def __len__(self) -> int:
        return 3

    def pixels(self, positions: list[int]) -> Tensor:
        self.readings += 1
        if self.readings == self.fails:
            self.found.add(1)
        return torch.tensor([9 if i in self.found else i for i in positions]).byte().view(-1, 1, 1, 1)

    def unreadable(self) -> int:
        return len(self.found)


def test_sets_that_belong_together_are_read_again_when_one_is_found_broken() -> None:
    for fails in ((1, 0), (0, 1), (0, 0)):
        found: set[int] = set()
        sets = [Fragile(found, fail) for fail in fails]
        a, b = read_together(sets, [0, 1, 2])
        expected = [0, 9, 2] if any(fails) else [0, 1, 2]
        assert a.flatten().tolist() == b.flatten().tolist() == expected
        assert sets[0].readings == (2 if any(fails) else 1)
