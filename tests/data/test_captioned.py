"""Rows of pictures with a caption above each."""

import torch

from gan_lightning.data.captioned import LINE, captioned_rows
from gan_lightning.data.grids import PADDING, grid

LONG = "a person with long red hair, a beard and glasses in a yellow shirt, who smiles at the painter for an hour"


def test_images_lie_below_their_caption_and_rows_are_filled_with_white() -> None:
    images = torch.rand(3, 3, 64, 64) * 2 - 1
    short, long = captioned_rows([("red hair", images), (LONG, images)], columns=2)
    plain = grid(torch.cat([images, torch.ones(1, 3, 64, 64)]), 2)
    lines = []
    for made in (short, long):
        assert torch.equal(made[:, -plain.shape[1] :], plain)
        text = made[:, : -plain.shape[1]]
        assert text.min() < 128  # there are letters
        assert text.max() == 255
        lines.append((text.shape[1] - PADDING) / LINE)
    assert lines[0] == 1
    assert lines[1] == int(lines[1]) > 3


def test_another_caption_is_another_picture_and_none_is_white() -> None:
    images = torch.ones(1, 3, 64, 64)
    red, blue, none = captioned_rows([(text, images) for text in ("red hair", "blue hair", "")], columns=1)
    assert red.shape == blue.shape == none.shape
    assert not torch.equal(red, blue)
    assert (none == 255).all()
