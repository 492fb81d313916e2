"""Pictures made smaller and larger, against Pillow."""

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.bicubic import enlarged, reduced, resized

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("size", [(12, 30), (96, 20), (40, 24), (81, 73)])
def test_floats_are_resized_as_pillow_does(size):
    picture = RANDOM.uniform(-1, 1, (40, 24)).astype(np.float32)
    theirs = np.array(Image.fromarray(picture).resize(size[::-1], Image.Resampling.BICUBIC))
    made = resized(torch.from_numpy(picture)[None], size)[0]
    np.testing.assert_allclose(made, theirs, atol=1e-5)


def test_bytes_are_resized_as_pillow_does_and_stay_bytes():
    picture = RANDOM.integers(0, 256, (40, 24, 3), np.uint8)
    theirs = np.array(Image.fromarray(picture).resize((12, 20), Image.Resampling.BICUBIC)).astype(int)
    made = reduced(torch.from_numpy(picture).permute(2, 0, 1), 2)
    assert made.dtype == torch.uint8
    assert np.abs(made.permute(1, 2, 0).numpy().astype(int) - theirs).max() <= 1


def test_each_picture_of_a_batch_of_any_shape_is_resized_by_itself():
    picture = torch.rand(2, 3, 1, 8, 6)
    made = reduced(picture, 2)
    assert made.shape == (2, 3, 1, 4, 3)
    torch.testing.assert_close(made[1, 2], reduced(picture[1, 2], 2))


def test_larger_pictures_keep_their_range_and_the_same_size_is_left_alone():
    edge = torch.ones(1, 8, 8)
    edge[..., :4] = -1
    assert resized(edge, (16, 16)).max() > 1  # next to the edge the curve swings over
    assert enlarged(edge, 2).abs().max() == 1
    assert enlarged(edge, 1) is edge
    assert reduced(edge, 1) is edge
