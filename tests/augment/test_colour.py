"""ADA's colours against matrices on colour space, and how often each change happens."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from gan_lightning.augment import Colour
from gan_lightning.augment.colour import rotated_hue, saturated
from gan_lightning.errors import SettingError

OFF: dict[str, Any] = {"brightness": 0.0, "contrast": 0.0, "luma_flip": False, "hue": 0.0, "saturation": 0.0}
AXIS = np.ones(3) / math.sqrt(3)
ALWAYS = torch.tensor(1.0)


def images(n: int, channels: int = 3) -> Tensor:
    draw = torch.Generator().manual_seed(0)
    return 2 * torch.rand(n, channels, 4, 5, generator=draw, dtype=torch.float64) - 1


def only(p: float, image: Tensor, **settings: Any) -> Tensor:
    torch.manual_seed(3)
    return Colour(**{**OFF, **settings})(image, torch.tensor(p))


def mapped(matrix: np.ndarray, image: Tensor) -> np.ndarray:
    return np.einsum("dc,nchw->ndhw", matrix, image.numpy())


@pytest.mark.parametrize("degrees", [-170, -30, 0, 45, 120])
def test_hue_turns_about_the_grey_axis(degrees: float) -> None:
    angle = torch.full((2, 1, 1, 1), math.radians(degrees), dtype=torch.float64)
    expected = mapped(Rotation.from_rotvec(AXIS * math.radians(degrees)).as_matrix(), images(2))
    np.testing.assert_allclose(rotated_hue(images(2), angle), expected, atol=1e-12)


def test_a_third_of_a_turn_makes_red_green() -> None:
    red = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1)
    green = rotated_hue(red, torch.full((1, 1, 1, 1), 2 * math.pi / 3))
    torch.testing.assert_close(green, torch.tensor([0.0, 1, 0]).view(1, 3, 1, 1))


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.0, 3.0])
def test_saturation_scales_around_the_grey_axis(factor: float) -> None:
    onto = np.outer(AXIS, AXIS)
    expected = mapped(onto + factor * (np.eye(3) - onto), images(2))
    np.testing.assert_allclose(saturated(images(2), torch.full((2, 1, 1, 1), factor)), expected, atol=1e-12)


def test_luma_flip_mirrors_the_grey_axis_at_even_odds() -> None:
    image = images(1000)
    flipped = mapped(np.eye(3) - 2 * np.outer(AXIS, AXIS), image)
    changed = only(1.0, image, luma_flip=True).numpy()
    is_flipped = np.isclose(changed, flipped).all((1, 2, 3))
    assert np.array_equal(changed[~is_flipped], image.numpy()[~is_flipped])
    assert 440 < is_flipped.sum() < 560


def test_brightness_is_added_to_all_colours() -> None:
    added = (only(1.0, images(4000), brightness=0.2) - images(4000)).flatten(1)
    torch.testing.assert_close(added.amax(1), added.amin(1))
    assert added[:, 0].mean().item() == pytest.approx(0, abs=0.01)
    assert added[:, 0].std().item() == pytest.approx(0.2, rel=0.05)


def test_contrast_is_a_factor_about_mid_grey() -> None:
    factors = (only(1.0, images(4000), contrast=0.5) / images(4000)).flatten(1)
    torch.testing.assert_close(factors.amax(1), factors.amin(1))
    assert factors[:, 0].log2().mean().item() == pytest.approx(0, abs=0.03)
    assert factors[:, 0].log2().std().item() == pytest.approx(0.5, rel=0.05)


def test_hues_are_uniform_over_their_range() -> None:
    image = images(4000)
    changed = only(1.0, image, hue=0.5)
    off, before = (x - x.mean(1, keepdim=True) for x in (changed, image))
    torch.testing.assert_close(changed.mean(1), image.mean(1))
    cosines = (off * before).sum((1, 2, 3)) / before.square().sum((1, 2, 3))
    angles = cosines.clamp(-1, 1).acos()
    assert angles.max().item() == pytest.approx(math.pi / 2, rel=0.01)
    assert angles.mean().item() == pytest.approx(math.pi / 4, rel=0.03)


def test_saturations_are_as_spread_as_asked() -> None:
    image = images(4000)
    off, before = (x - x.mean(1, keepdim=True) for x in (only(1.0, image, saturation=1.0), image))
    factors = (off / before).flatten(1).median(1).values.log2()
    assert factors.mean().item() == pytest.approx(0, abs=0.06)
    assert factors.std().item() == pytest.approx(1, rel=0.05)


def test_changes_come_in_the_papers_order() -> None:
    image = images(60)
    torch.manual_seed(3)
    changed = Colour()(image, ALWAYS).numpy()
    torch.manual_seed(3)

    def draw(kind: Any) -> np.ndarray:
        value = kind(60, 1, 1, 1, dtype=torch.float64).flatten().numpy()
        torch.rand(60, 1, 1, 1, dtype=torch.float64)  # whether it happens: always
        return value

    brightness, contrast = 0.2 * draw(torch.randn), 2 ** (0.5 * draw(torch.randn))
    flip, hue = draw(torch.rand) < 0.5, math.pi * (2 * draw(torch.rand) - 1)
    saturation = 2 ** draw(torch.randn)
    onto = np.outer(AXIS, AXIS)
    for i in range(60):
        matrix = np.eye(3) * contrast[i]
        matrix = (np.eye(3) - 2 * flip[i] * onto) @ matrix
        matrix = Rotation.from_rotvec(AXIS * hue[i]).as_matrix() @ matrix
        matrix = (onto + saturation[i] * (np.eye(3) - onto)) @ matrix
        expected = np.einsum("dc,chw->dhw", matrix, image[i].numpy() + brightness[i])
        np.testing.assert_allclose(changed[i], expected, atol=1e-12)


@pytest.mark.parametrize(
    ("setting", "rate"),
    [
        ({"brightness": 0.2}, 0.3),
        ({"contrast": 0.5}, 0.3),
        ({"luma_flip": True}, 0.15),
        ({"hue": 1.0}, 0.3),
        ({"saturation": 1.0}, 0.3),
    ],
)
def test_each_change_happens_with_probability_p(setting: dict[str, Any], rate: float) -> None:
    image = images(4000)
    changed = (only(0.3, image, **setting) != image).flatten(1).any(1)
    assert changed.double().mean().item() == pytest.approx(rate, abs=0.03)


def test_changes_are_drawn_independently() -> None:
    image = images(4000)
    bright = (only(0.5, image, brightness=0.2) != image).flatten(1).any(1)
    either = (only(0.5, image, brightness=0.2, contrast=0.5) != image).flatten(1).any(1)
    assert bright.double().mean().item() == pytest.approx(0.5, abs=0.03)
    assert either.double().mean().item() == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_nothing_changes_at_p_zero(channels: int) -> None:
    image = images(200, channels).float()
    assert torch.equal(Colour()(image, torch.tensor(0.0)), image)


@pytest.mark.parametrize("channels", [1, 2])
def test_grey_pictures_have_no_hue_and_no_saturation(channels: int) -> None:
    image = images(20, channels)
    assert torch.equal(only(1.0, image, hue=1.0, saturation=1.0), image)
    changed = Colour()(image, ALWAYS)
    assert not torch.isclose(changed[:, 0], image[:, 0]).any()
    assert torch.equal(changed[:, 1:], image[:, 1:])


def test_opacity_keeps_its_values() -> None:
    image = images(20, channels=4)
    changed = Colour()(image, ALWAYS)
    assert torch.equal(changed[:, 3], image[:, 3])
    assert not torch.equal(changed[:, :3], image[:, :3])


@pytest.mark.parametrize(
    ("setting", "value"), [("brightness", -1), ("contrast", -1), ("saturation", -1), ("hue", -0.1), ("hue", 1.1)]
)
def test_a_strength_outside_its_range_is_named(setting: str, value: float) -> None:
    with pytest.raises(SettingError, match=rf"colour\.{setting}={value}: "):
        Colour(**{setting: value})
