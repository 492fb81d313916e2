"""Enlarged images are those of Pillow."""

import numpy as np
import torch
from PIL import Image

from gan_lightning.data import Images
from gan_lightning.data.sources.enlarged import EnlargedImages


class Four(Images):
    label_name, class_names = None, ()
    attributes, channels, value_range, size, fingerprint = {}, 3, None, (6, 8), "four"

    def __init__(self):
        # Away from black and white, where Pillow cuts off what overshoots after each of its two passes.
        self.all = torch.randint(70, 186, (4, 3, 6, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))

    def __len__(self):
        return 4

    def pixels(self, positions):
        return self.all[positions]

    def unreadable(self):
        return 1


def test_enlarged_images_equal_pillows_to_one_grey_level():
    small = Four()
    large = EnlargedImages(small, 3)
    assert (len(large), large.size, large.unreadable()) == (4, (18, 24), 1)
    assert large.fingerprint != EnlargedImages(small, 2).fingerprint != small.fingerprint
    for position, made in zip([2, 0], large.pixels([2, 0]), strict=True):
        picture = Image.fromarray(small.all[position].permute(1, 2, 0).numpy())
        theirs = np.asarray(picture.resize((24, 18), Image.Resampling.BICUBIC)).astype(int)
        assert made.dtype == torch.uint8
        assert np.abs(made.permute(1, 2, 0).numpy().astype(int) - theirs).max() <= 1
