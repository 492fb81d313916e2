"""Sliders of a model that makes images from noise: what they say to the model."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.demo import noise


def model(**facts: Any) -> Any:
    """With classes, attributes, captions or none of them; w has a mean if `mean`."""
    mean = facts.pop("mean", None)
    usual = {"classes": [], "attributes": {}, "captions": []}
    return SimpleNamespace(model=SimpleNamespace(mean_w=lambda: mean), **{**usual, **facts})


def test_the_right_end_of_the_slider_is_no_truncation():
    for of, most in ((model(), 4.0), (model(mean=torch.zeros(3)), 1.0)):
        assert noise._most(of) == most
        assert noise._given(most, most) is None
        assert noise._given(most - 0.05, most) == most - 0.05


@pytest.mark.parametrize(
    ("facts", "chosen", "label"),
    [
        ({}, (), None),
        ({"classes": ["a", "b"]}, (noise.IN_TURN,), None),
        ({"classes": ["3", "5"]}, ("5",), "5"),
        ({"captions": ["a man"]}, ("a woman",), "a woman"),
        ({"attributes": {"hair": 3, "mouth": 2}}, (2.0, 1.0), [2, 1]),
        ({"attributes": {"hair": 3, "mouth": 2}}, (0, 0), [0, 0]),
    ],
)
def test_the_label_is_what_the_controls_show(facts, chosen, label):
    assert noise._label(model(**facts), chosen) == label


def test_a_grid_is_as_wide_as_high_or_wider():
    assert [noise._columns(count) for count in (1, 2, 4, 5, 9, 10, 16, 17, 64)] == [1, 2, 2, 3, 3, 4, 4, 5, 8]


def test_places_of_the_slider_are_the_pictures_of_the_way():
    way = [Image.new("L", (4, 4), 10 * i) for i in range(noise.STEPS)]
    for place, number in ((0.0, 0), (0.5, 8), (1.0, 16), (0.0625, 1)):
        assert noise._at(way, place).getpixel((0, 0)) == 10 * number


def test_enlarged_pixels_are_whole_squares():
    pixels = np.random.default_rng(0).integers(0, 256, (100, 130, 3), dtype=np.uint8)
    large = np.array(noise.enlarged(Image.fromarray(pixels)))
    assert large.shape == (400, 520, 3)  # the longer side has at most 560
    np.testing.assert_array_equal(large, pixels.repeat(4, 0).repeat(4, 1))
    wide = Image.new("L", (2000, 5))
    assert noise.enlarged(wide).size == (2000, 5)
