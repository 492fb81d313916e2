"""ADA's geometry: pictures whose colours are their places tell where each pixel came from."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_lightning.augment import Geometry
from gan_lightning.augment.geometry import _Sampled
from gan_lightning.errors import SettingError

OFF: dict[str, Any] = {
    "flip": False,
    "quarter_turns": False,
    "translation": 0.0,
    "scaling": 0.0,
    "rotation": 0.0,
    "stretching": 0.0,
    "shift": 0.0,
}
SMALL: dict[str, Any] = {"translation": 0.06, "shift": 0.03, "scaling": 0.1, "stretching": 0.1}


def images(n: int, height: int = 8, width: int = 8) -> Tensor:
    draw = torch.Generator().manual_seed(0)
    return 2 * torch.rand(n, 2, height, width, generator=draw, dtype=torch.float64) - 1


def only(p: float, image: Tensor, **settings: Any) -> Tensor:
    torch.manual_seed(3)
    return Geometry(**{**OFF, **settings})(image, torch.tensor(p))


def ways_back(n: int, p: float, height: int = 16, width: int = 16, **settings: Any) -> np.ndarray:
    """The affine maps (n, 2, 3) from places in the new image to places in the old, in pixels from the centre.

    Bilinear sampling is exact on the two planes x and y, so three pixels near the centre tell the map.
    """
    y, x = (torch.arange(side, dtype=torch.float64) + 0.5 - side / 2 for side in (height, width))
    places = torch.stack([x.expand(height, -1), y[:, None].expand(-1, width)])
    found = only(p, places.expand(n, -1, -1, -1), **settings)
    top, left = height // 2 - 1, width // 2 - 1
    corner = found[:, :, top, left]
    right, down = found[:, :, top, left + 1] - corner, found[:, :, top + 1, left] - corner
    centre = corner - x[left] * right - y[top] * down
    return torch.stack([right, down, centre], 2).numpy()


# --- pixel blitting moves pixels as they are ---


def shares(changed: Tensor, candidates: list[Tensor]) -> np.ndarray:
    """How many of the images equal each candidate; every one equals exactly one."""
    equal = torch.stack([torch.isclose(changed, c, rtol=0, atol=1e-12).flatten(1).all(1) for c in candidates])
    assert (equal.sum(0) == 1).all()
    return equal.double().mean(1).numpy()


@pytest.mark.parametrize(("height", "width"), [(8, 8), (7, 10)])
def test_flip_mirrors_left_and_right_at_even_odds(height: int, width: int) -> None:
    image = images(2000, height, width)
    found = shares(only(1.0, image, flip=True), [image, image.flip(3)])
    np.testing.assert_allclose(found, [0.5, 0.5], atol=0.04)


def test_quarter_turns_are_as_likely() -> None:
    image = images(2000)
    turned = [image.rot90(-k, (2, 3)) for k in range(4)]
    np.testing.assert_allclose(shares(only(1.0, image, quarter_turns=True), turned), [0.25] * 4, atol=0.04)


def test_translation_shifts_by_whole_pixels_and_mirrors_what_comes_in() -> None:
    image = images(2000, 6, 16)
    padded = np.pad(image.numpy(), [(0, 0), (0, 0), (2, 2), (2, 2)], mode="symmetric")
    shifts = [(dy, dx) for dy in (-1, 0, 1) for dx in (-2, -1, 0, 1, 2)]
    candidates = [torch.from_numpy(padded[:, :, 2 - dy : 8 - dy, 2 - dx : 18 - dx]) for dy, dx in shifts]
    found = shares(only(1.0, image, translation=0.125), candidates).reshape(3, 5)
    # Uniform over 1.5 rows and 4 columns, rounded: the last column gets half a column's width.
    rows, columns = np.array([0.25, 1, 0.25]) / 1.5, np.array([0.5, 1, 1, 1, 0.5]) / 4
    np.testing.assert_allclose(found, np.outer(rows, columns), atol=0.03)


# --- general changes ---


def test_scaling_is_isotropic_about_the_centre() -> None:
    maps = ways_back(3000, 1.0, scaling=0.2)
    np.testing.assert_allclose(maps[:, [0, 1, 0, 1], [1, 0, 2, 2]], 0, atol=1e-9)
    np.testing.assert_allclose(maps[:, 0, 0], maps[:, 1, 1])
    factors = -np.log2(maps[:, 0, 0])
    assert factors.mean() == pytest.approx(0, abs=0.02)
    assert factors.std() == pytest.approx(0.2, rel=0.05)


def test_stretching_keeps_the_area() -> None:
    maps = ways_back(3000, 1.0, stretching=0.2)
    np.testing.assert_allclose(maps[:, [0, 1, 0, 1], [1, 0, 2, 2]], 0, atol=1e-9)
    np.testing.assert_allclose(maps[:, 0, 0] * maps[:, 1, 1], 1)
    factors = -np.log2(maps[:, 0, 0])
    assert factors.mean() == pytest.approx(0, abs=0.02)
    assert factors.std() == pytest.approx(0.2, rel=0.05)


def test_rotation_turns_about_the_centre_by_any_angle() -> None:
    maps = ways_back(3000, 1.0, 16, 24, rotation=0.25)  # twice up to 45 degrees
    linear = maps[:, :, :2]
    np.testing.assert_allclose(linear @ linear.transpose(0, 2, 1), np.broadcast_to(np.eye(2), linear.shape), atol=1e-9)
    np.testing.assert_allclose(maps[:, :, 2], 0, atol=1e-9)
    assert np.linalg.det(linear).min() > 0
    angles = np.arctan2(maps[:, 1, 0], maps[:, 0, 0])
    assert np.abs(angles).max() == pytest.approx(math.pi / 2, rel=0.05)
    assert angles.std() == pytest.approx(math.pi / 4 * math.sqrt(2 / 3), rel=0.04)


def test_shift_is_normal_along_both_sides() -> None:
    maps = ways_back(3000, 1.0, 16, 32, shift=0.05)
    np.testing.assert_allclose(maps[:, :, :2], np.broadcast_to(np.eye(2), (3000, 2, 2)), atol=1e-9)
    np.testing.assert_allclose(maps[:, :, 2].std(0), [0.05 * 32, 0.05 * 16], rtol=0.05)
    np.testing.assert_allclose(maps[:, :, 2].mean(0), 0, atol=0.1)


def test_changes_come_in_the_papers_order() -> None:
    """The map onto the new image, composed forwards from the same draws, undoes the way back."""
    n, height, width = 60, 64, 80
    found = ways_back(n, 1.0, height, width, flip=True, quarter_turns=True, rotation=1.0, **SMALL)
    torch.manual_seed(3)

    def draw(kind: Any) -> np.ndarray:
        value = kind(n, 1, 1, 1, dtype=torch.float64).flatten().numpy()
        torch.rand(n, 1, 1, 1, dtype=torch.float64)  # whether it happens: always
        return value

    def draw_two(kind: Any) -> list[np.ndarray]:
        values = [kind(n, 1, 1, 1, dtype=torch.float64).flatten().numpy() for _ in range(2)]
        torch.rand(n, 1, 1, 1, dtype=torch.float64)  # whether both happen
        return values

    sides = (width, height)
    rand, randn = torch.rand, torch.randn
    flip, quarters = draw(rand) < 0.5, np.floor(4 * draw(rand))
    x, y = (np.round(SMALL["translation"] * (2 * a - 1) * side) for a, side in zip(draw_two(rand), sides, strict=True))
    scale, first = 2 ** (0.1 * draw(randn)), math.pi * (2 * draw(rand) - 1)
    stretch, second = 2 ** (0.1 * draw(randn)), math.pi * (2 * draw(rand) - 1)
    right, down = (SMALL["shift"] * a * side for a, side in zip(draw_two(randn), sides, strict=True))

    def turn(angle: float) -> np.ndarray:
        c, s = math.cos(angle), math.sin(angle)
        return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])

    def shift(x: float, y: float) -> np.ndarray:
        return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])

    for i in range(n):
        steps = [np.diag([1 - 2 * flip[i], 1, 1]), turn(math.pi / 2 * quarters[i]), shift(x[i], y[i])]
        steps += [np.diag([scale[i], scale[i], 1]), turn(first[i]), np.diag([stretch[i], 1 / stretch[i], 1])]
        steps += [turn(second[i]), shift(right[i], down[i])]
        there = np.eye(3)
        for step in steps:
            there = step @ there
        np.testing.assert_allclose(found[i], np.linalg.inv(there)[:2], atol=1e-8)


# --- how often ---


@pytest.mark.parametrize(
    ("setting", "rate"),
    [
        ({"flip": True}, 0.15),
        ({"quarter_turns": True}, 0.225),
        ({"translation": 1.0}, 0.3),  # along both axes; hardly ever by less than half a pixel
        ({"scaling": 0.2}, 0.3),
        ({"rotation": 1.0}, 0.3),  # by either of two turns
        ({"stretching": 0.2}, 0.3),
        ({"shift": 0.1}, 0.3),
    ],
)
def test_each_change_happens_with_probability_p(setting: dict[str, Any], rate: float) -> None:
    maps = ways_back(4000, 0.3, **setting)
    changed = np.abs(maps - np.eye(2, 3)).max((1, 2)) > 1e-9
    assert changed.mean() == pytest.approx(rate, abs=0.03)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (7, 10), (1, 1)])
def test_nothing_changes_at_p_zero(height: int, width: int) -> None:
    image = images(200, height, width).float()
    assert torch.equal(Geometry()(image, torch.tensor(0.0)), image)


def test_images_that_are_not_chosen_stay_to_the_last_bit() -> None:
    image = images(2000).float()
    same = (only(0.05, image, rotation=1.0, shift=0.125) == image).flatten(1).all(1)
    assert same.double().mean().item() == pytest.approx(0.95**2, abs=0.03)


# --- gradients ---


def test_gradients_equal_differences_also_a_second_time() -> None:
    image = images(2, 3, 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda image: only(1.0, image, flip=True, rotation=1.0, **SMALL), (image,))
    square = lambda image: only(1.0, image, flip=True, rotation=1.0, **SMALL).square()  # noqa: E731
    assert torch.autograd.gradgradcheck(square, (image,))


def test_derivatives_are_those_of_torch() -> None:
    image = images(3, 4, 5).requires_grad_()
    grid = 1.5 * (2 * torch.rand(3, 4, 5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) - 1)
    weights = images(3, 4, 5)
    sampled = torch.nn.functional.grid_sample(image, grid, padding_mode="reflection", align_corners=False)
    (expected,) = torch.autograd.grad((weights * sampled).sum(), image)
    (gradient,) = torch.autograd.grad((weights * _Sampled.apply(image, grid)).sum(), image)
    torch.testing.assert_close(gradient, expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("scaling", -1), ("stretching", -1), ("shift", -1), ("translation", 1.1), ("rotation", -0.1), ("rotation", 1.1)],
)
def test_a_strength_outside_its_range_is_named(setting: str, value: float) -> None:
    with pytest.raises(SettingError, match=rf"geometry\.{setting}={value}: "):
        Geometry(**{setting: value})
