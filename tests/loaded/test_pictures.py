"""Pictures of Pillow from tensors, and several in one."""

import pytest
from PIL import Image

from gan_lightning import grid
from gan_lightning.errors import SettingError


def test_a_grid_shows_pictures_in_rows():
    made = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue", "white")]
    shown = grid(made, columns=2)
    assert shown.size == (2 * 66 + 2, 2 * 66 + 2)
    assert [shown.getpixel(at) for at in ((10, 10), (80, 10), (10, 80))] == [(255, 0, 0), (0, 0, 255), (255, 255, 255)]
    with pytest.raises(SettingError, match="images: 2 sizes of pictures; a grid takes pictures of one size"):
        grid([Image.new("RGB", (4, 4)), Image.new("RGB", (5, 4))])
    with pytest.raises(SettingError, match="images: 0 sizes"):
        grid([])
