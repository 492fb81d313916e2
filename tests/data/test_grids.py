"""Pictures side by side: where each lies, transparency, frames, and files."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from gan_lightning.data.contracts import quantise
from gan_lightning.data.grids import FRAME, PADDING, framed, grid, in_colour, read_png, save_png


@pytest.mark.parametrize(("side", "factor"), [(16, 4), (40, 1), (80, 1)])
def test_each_image_lies_in_its_row_and_column_with_white_around_it(side: int, factor: int) -> None:
    images = torch.rand(5, 3, side, side) * 2 - 1
    picture = grid(images, columns=3)
    tile = side * factor + PADDING
    assert picture.shape == (3, 2 * tile + PADDING, 3 * tile + PADDING)
    white = torch.ones(picture.shape[1:], dtype=torch.bool)
    for i, image in enumerate(images):
        top, left = (PADDING + place * tile for place in divmod(i, 3))
        part = picture[:, top : top + side * factor, left : left + side * factor]
        assert torch.equal(part[:, ::factor, ::factor], quantise(image))
        assert torch.equal(part, part[:, ::factor, ::factor].repeat_interleave(factor, 1).repeat_interleave(factor, 2))
        white[top : top + side * factor, left : left + side * factor] = False
    assert (picture[:, white] == 255).all()


def test_transparent_images_lie_on_white_and_grey_ones_become_colour() -> None:
    grey = torch.full((1, 1, 2, 2), -0.5)
    assert torch.equal(in_colour(grey), grey.expand(-1, 3, -1, -1))
    for opacity in (0.0, 0.25, 1.0):
        for channels in (1, 3):
            image = torch.cat([torch.full((1, channels, 2, 2), -0.5), torch.full((1, 1, 2, 2), 2 * opacity - 1)], 1)
            expected = torch.full((1, 3, 2, 2), opacity * -0.5 + (1 - opacity))
            torch.testing.assert_close(in_colour(image), expected)


def test_a_frame_takes_the_place_of_white_around_the_last_row() -> None:
    images = torch.full((4, 3, 64, 64), -1.0)
    picture = grid(images, columns=2)
    made = framed(picture, columns=2, height=64 + PADDING)
    coloured = (made == torch.tensor(FRAME, dtype=torch.uint8)[:, None, None]).all(0)
    expected = (picture == 255).all(0)
    expected[: -64 - 2 * PADDING] = False
    assert torch.equal(coloured, expected)
    assert torch.equal(made[:, ~coloured], picture[:, ~coloured])
    assert not (picture == torch.tensor(FRAME, dtype=torch.uint8)[:, None, None]).all(0).any()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_saved_picture_is_read_as_it_was_with_its_texts(tmp_path: Path, channels: int) -> None:
    picture = torch.randint(256, (channels, 5, 7), dtype=torch.uint8)
    save_png(picture, tmp_path / "a.png", {"seed": "3"})
    assert torch.equal(read_png(tmp_path / "a.png"), picture)
    with Image.open(tmp_path / "a.png") as opened:
        assert opened.text == {"seed": "3"}
