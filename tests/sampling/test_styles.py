"""Mixtures of styles, truncation from left to right, and directions of w, of a generator with a w for each layer."""

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.data import quantise
from gan_lightning.errors import SettingError
from gan_lightning.sampling.directions import Directions, reading_weights
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.styles import StyleMixing, Truncation, images
from gan_lightning.sampling.walks import Linear, Spherical

STYLED = ["model=stylegan2", "conditioning=mapped", "network.generator.style_dim=10", "network.generator.depth=2"]


@pytest.fixture
def styled(task: Any) -> Any:
    """`styled(columns=4)`: a task of StyleGAN2 whose w has a mean."""

    def make(**changes: Any) -> Any:
        asked = task(*STYLED, **changes)
        asked.model("it").averaged.mean.normal_(generator=torch.Generator().manual_seed(0))
        return asked

    return make


def shown(task: Any, columns: int) -> np.ndarray:
    """The picture's images (rows, columns, H, W, 3), which have pixels of several pixels, as 16 x 16 ones."""
    whole = np.array(Image.open(task.folder / task.kind.picture).convert("RGB"))
    side = whole.shape[1] // columns
    rows = whole.shape[0] // side
    cells = whole[: rows * side, : columns * side].reshape(rows, side, columns, side, 3).swapaxes(1, 2)
    return cells[:, :, side // 32 :: side // 16, side // 32 :: side // 16][:, :, :16, :16]


def test_rows_give_coarse_layers_and_columns_fine_ones(styled: Any) -> None:
    asked = styled(columns=4)
    told = StyleMixing(rows=2, coarse=2).show(asked, Plain())
    assert "rows give the first 2 of 6 layers" in told
    w, condition = asked.latent(torch.arange(5), "it")
    mixed = torch.cat([w[1:2, :2], w[4:5, 2:]], 1)  # of row 1 and the third column
    model = asked.model("it")
    made = [images(model, one, condition[:1])[0] for one in (w[1:2], w[4:5], mixed)]
    cells = shown(asked, 4)
    assert cells.shape[:2] == (3, 4)
    for cell, image in zip((cells[2, 0], cells[0, 3], cells[2, 3]), made, strict=True):
        np.testing.assert_allclose(cell, quantise(image[None])[0].permute(1, 2, 0), atol=1)


def test_truncation_goes_from_the_mean_image_to_the_sample(styled: Any) -> None:
    asked = styled(columns=3)
    Truncation(rows=2).show(asked, Plain())
    cells = shown(asked, 3)
    np.testing.assert_array_equal(cells[0, 0], cells[1, 0])
    model, number = asked.model("it"), torch.arange(2)
    for column, factor in enumerate((0.0, 0.5, 1.0)):
        expected = quantise(model.draw(number, asked.conditions(number), 0, factor)).permute(0, 2, 3, 1)
        np.testing.assert_allclose(cells[:, column], expected, atol=1)


def test_directions_are_those_of_all_style_layers_and_move_every_layer(styled: Any) -> None:
    asked = styled(columns=3)
    model = asked.model("it")
    w, condition = asked.latent(torch.arange(1), "it")
    found = reading_weights(model, w, condition)
    layers = [part.convolution.style for part in (*model.averaged.convolutions, *model.averaged.to_image)]
    assert found.shape == (sum(layer.out_features for layer in layers), 10)
    assert {float(row.norm()) for layer in layers for row in layer.weight} == {float(row.norm()) for row in found}
    Directions(count=2, extent=2.0).show(asked, Plain())
    directions = torch.from_numpy(np.loadtxt(asked.folder / "directions.csv", delimiter=",")).float()
    moved = images(model, w + 2 * directions[1], condition)
    last = shown(asked, 3)[1, 2]
    np.testing.assert_allclose(last, quantise(moved)[0].permute(1, 2, 0), atol=1)


def test_walks_go_through_w(styled: Any) -> None:
    model = styled().model("it")
    with pytest.raises(SettingError, match="straight lines are right"):
        Spherical().check(model)
    start, end = torch.zeros(2, 6, 10), torch.ones(2, 6, 10)
    torch.testing.assert_close(Linear().between(start, end, 0.25), torch.full((2, 6, 10), 0.25))


@pytest.mark.parametrize(
    ("overrides", "changes", "show", "message"),
    [
        (STYLED, {}, StyleMixing(2, 6), r"show\.coarse=6: this generator has 6 layers"),
        (STYLED, {"columns": 1}, StyleMixing(2, 2), "columns=1: show=style_mixing needs at least 2"),
        ([], {}, StyleMixing(2, 2), "show=style_mixing: needs a generator with a w for each layer"),
        ([], {}, Truncation(2), "show=truncation: this generator has no w with a mean"),
        (STYLED, {"columns": 900}, Truncation(900), r"show\.rows=900 columns=900: 810,000 images side by side have "),
        (STYLED, {"columns": 900}, StyleMixing(899, 2), r"show\.rows=900 columns=900: 810,000 images side by side"),
        (STYLED, {"columns": 5000}, Directions(6, 5.0), r"show\.count=6 columns=5000: 30,000 images side by side"),
        (STYLED, {"truncation": 0.5}, Truncation(2), r"truncation=0\.5: show=truncation shows several"),
    ],
)
def test_what_cannot_be_shown_is_refused(task: Any, overrides: Any, changes: Any, show: Any, message: str) -> None:
    asked = task(*overrides, **changes)
    with pytest.raises(SettingError, match=message):
        show.show(asked, Plain())
    assert not asked.folder.exists()
