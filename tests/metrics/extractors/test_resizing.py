"""Resizing with antialiasing against Pillow's."""

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.metrics.extractors.resizing import CleanResize


@pytest.mark.parametrize("size", [(32, 32), (300, 417), (640, 31)])
def test_clean_resizing_is_pillows_bicubic_of_floats(size):
    pixels = torch.randint(256, (2, 3, *size), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    found = CleanResize()(pixels, 299).numpy()
    for image, resized in zip(pixels.numpy(), found, strict=True):
        for channel, plane in zip(image, resized, strict=True):
            pillow = Image.fromarray(channel.astype(np.float32), mode="F").resize((299, 299), Image.Resampling.BICUBIC)
            np.testing.assert_allclose(plane, np.asarray(pillow).clip(0, 255), atol=255 * 1e-6)
    assert (found.min(), found.max()) == (0, 255) or size[0] > 299  # clipped, where bicubic filters overshoot
    assert np.abs(found - found.round()).max() > 0.4  # and not rounded again
