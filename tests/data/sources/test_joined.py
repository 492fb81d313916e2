"""Two sets of images as one."""

import pytest
import torch

from gan_lightning.data import Draw, TensorImages
from gan_lightning.data.sources.joined import JoinedImages


def images(channels: int, shade: int, names: list[str], n: int = 3) -> TensorImages:
    pixels = torch.full((n, channels, 4, 4), shade, dtype=torch.uint8)
    pixels[:, :, 0, 0] = torch.arange(n, dtype=torch.uint8)[:, None]
    return TensorImages(pixels, {"kind": torch.arange(n) % len(names)}, "kind", names)


def test_one_set_comes_after_the_other_in_any_order_of_asking():
    joined = JoinedImages(images(3, 10, ["x", "y"]), images(3, 20, ["x", "y"]))
    assert len(joined) == 6
    found = joined.pixels([4, 0, 3, 2])
    assert found[:, 0, 1, 1].tolist() == [20, 10, 20, 10]
    assert found[:, 0, 0, 0].tolist() == [1, 0, 0, 2]
    assert joined[Draw([5, 1], 0)].condition.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("one", "other", "pixels"),
    [
        (1, 3, [[10, 10, 10], [20, 20, 20]]),
        (1, 2, [[10, 255], [20, 20]]),
        (2, 3, [[10, 10, 10, 10], [20, 20, 20, 255]]),
        (4, 1, [[10, 10, 10, 10], [20, 20, 20, 255]]),
        (4, 4, [[10, 10, 10, 10], [20, 20, 20, 20]]),
    ],
)
def test_sets_of_other_channels_join_in_colour_and_opaque(one, other, pixels):
    joined = JoinedImages(images(one, 10, ["x", "y"]), images(other, 20, ["x", "y"]))
    assert joined.channels == len(pixels[0])
    assert joined.pixels([0, 3])[:, :, 1, 1].tolist() == pixels


@pytest.mark.parametrize("names", [["x", "z"], ["x", "y", "z"]])
def test_other_classes_leave_no_label(names):
    joined = JoinedImages(images(3, 10, ["x", "y"]), images(3, 20, names))
    assert joined.label_name is None
    assert joined.attributes == {}


def test_fingerprint_tells_both_sets_and_their_order():
    first, second = images(3, 10, ["x", "y"]), images(3, 20, ["x", "y"])
    assert len({JoinedImages(a, b).fingerprint for a, b in ((first, second), (second, first), (first, first))}) == 3
