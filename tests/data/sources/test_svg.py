"""Vector drawings as pixels."""

import torch

from gan_lightning.data.sources.svg import rasterise

HALVES = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">
  <rect width="4" height="8" fill="#ff8000"/><rect x="4" y="4" width="4" height="4" fill="#0000ff" fill-opacity="0.4"/>
</svg>"""


def test_shapes_have_their_colours_and_the_ground_is_white() -> None:
    pixels = rasterise(HALVES, (16, 16))
    assert pixels.shape == (3, 16, 16)
    assert pixels.dtype == torch.uint8
    assert (pixels[:, :, :8] == torch.tensor([255, 128, 0])[:, None, None]).all()
    assert (pixels[:, :8, 8:] == 255).all()
    assert (pixels[:, 8:, 8:] == torch.tensor([153, 153, 255])[:, None, None]).all()  # 255 (1 - 0.4) beside the blue


def test_other_shapes_are_squeezed_from_the_longer_side() -> None:
    flat = rasterise(HALVES, (8, 16)).float()
    assert flat.shape == (3, 8, 16)
    whole = rasterise(HALVES, (16, 16)).float()
    assert (flat - whole.unflatten(1, (8, 2)).mean(2)).abs().mean() < 8
    assert (flat[:, :, :7] == torch.tensor([255, 128, 0])[:, None, None]).all()
