"""What gan-generate has written: single images, and those of a grid."""

import torch

from gan_lightning.data import read_png


def saved(asked) -> torch.Tensor:
    """The images (N, C, H, W) uint8 of a folder."""
    return torch.stack([read_png(file) for file in sorted((asked.folder / "images").iterdir())])


def cell(picture: torch.Tensor, row: int, column: int) -> torch.Tensor:
    """An image of a grid of images of 16 pixels, which are shown at 64."""
    return picture[:, 66 * row + 2 : 66 * row + 66 : 4, 66 * column + 2 : 66 * column + 66 : 4]
