"""Images in memory, and pictures that become squares."""

import pytest
import torch

from gan_lightning.data import Draw, TensorImages
from gan_lightning.data.images import square


def test_batches_are_scaled_to_minus_one_to_one():
    pixels = torch.tensor([0, 255, 51], dtype=torch.uint8).view(3, 1, 1, 1).expand(3, 1, 16, 16)
    image = TensorImages(pixels, {}, None, [])[Draw([0, 1, 2], 0)].image
    assert image[:, 0, 0, 0].tolist() == pytest.approx([-1, 1, 51 / 127.5 - 1])


def test_images_that_share_memory_or_lie_apart_are_batched_alike():
    pixels = torch.arange(240, dtype=torch.uint8).view(5, 3, 4, 4)
    apart = pixels.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)  # channels last
    shared = pixels[:, :1].expand(-1, 3, -1, -1)
    positions = [4, 0, 4, 2]
    for images in (pixels, apart, shared):
        expected = torch.stack([images[i] for i in positions])
        found = TensorImages(images, {}, None, [])
        assert torch.equal(found.pixels(positions), expected)
        assert torch.equal(found[Draw(positions, 0)].image, expected.float() / 127.5 - 1)


def test_fingerprint_changes_with_a_pixel_and_with_a_label():
    def fingerprint(pixel: int, label: int) -> str:
        images = torch.zeros(4, 1, 16, 16, dtype=torch.uint8)
        images[3, 0, 15, 15] = pixel
        return TensorImages(images, {"label": torch.tensor([0, 1, 0, label])}, "label", ["a", "b"]).fingerprint

    assert fingerprint(0, 0) == fingerprint(0, 0)
    assert len({fingerprint(0, 0), fingerprint(1, 0), fingerprint(0, 1)}) == 3


def test_square_crops_the_centre_after_resizing_the_shorter_side():
    picture = torch.zeros(1, 20, 60, dtype=torch.uint8)
    picture[:, :, 20:40] = 255
    assert square(picture, 20).min() == 255
    assert square(picture, 10).shape == (1, 10, 10)
