"""DiffAugment against a slow reference that changes one image at a time."""

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_lightning.augment import DiffAugment
from gan_lightning.errors import SettingError

OFF = {"brightness": 0.0, "saturation": 0.0, "contrast": 0.0, "translation": 0.0, "cutout": 0.0}


def images(n: int, channels: int = 3, height: int = 8, width: int = 8) -> Tensor:
    draw = torch.Generator().manual_seed(0)
    return 2 * torch.rand(n, channels, height, width, generator=draw, dtype=torch.float64) - 1


def only(**settings: float) -> DiffAugment:
    return DiffAugment(**{**OFF, **settings})


def reference(image: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The paper's changes of one picture (C, H, W), written out, from seven numbers in [0, 1)."""
    channels, height, width = image.shape
    image = image.copy()
    colour = image[: 3 if channels >= 3 else 1]
    colour += draws[0] - 0.5
    grey = colour.mean(0)
    colour[:] = grey + 2 * draws[1] * (colour - grey)
    colour[:] = colour.mean() + (0.5 + draws[2]) * (colour - colour.mean())
    most = [(height + 4) // 8, (width + 4) // 8]
    down, right = (int((2 * m + 1) * u) - m for m, u in zip(most, draws[3:5], strict=True))
    moved = np.zeros_like(image)
    for i in range(height):
        for j in range(width):
            # What is seen at (i, j) stood at (i + down, j + right).
            if 0 <= i + down < height and 0 <= j + right < width:
                moved[:, i, j] = image[:, i + down, j + right]
    sides = [(height + 1) // 2, (width + 1) // 2]
    centre = [int((s + 1 - c % 2) * u) for s, c, u in zip((height, width), sides, draws[5:], strict=True)]
    top, left = centre[0] - sides[0] // 2, centre[1] - sides[1] // 2
    for i in range(top, top + sides[0]):
        for j in range(left, left + sides[1]):
            if 0 <= i < height and 0 <= j < width:
                moved[:, i, j] = 0
    return moved


@pytest.mark.parametrize(
    ("channels", "height", "width"), [(3, 8, 8), (3, 15, 22), (1, 8, 16), (2, 8, 8), (4, 9, 8), (2, 7, 12)]
)
def test_each_image_is_changed_as_by_a_slow_reference(channels: int, height: int, width: int) -> None:
    image = images(50, channels, height, width)
    torch.manual_seed(1)
    draws = torch.stack([torch.rand(50, dtype=torch.float64) for _ in range(7)], 1).numpy()
    torch.manual_seed(1)
    changed = DiffAugment()(image)
    expected = np.stack([reference(one, row) for one, row in zip(image.numpy(), draws, strict=True)])
    np.testing.assert_allclose(changed, expected, atol=1e-12)


def test_gradients_equal_differences_also_a_second_time() -> None:
    image = images(2, height=4, width=3).requires_grad_()

    def changed(image: Tensor) -> Tensor:
        torch.manual_seed(2)
        return DiffAugment()(image)

    assert torch.autograd.gradcheck(changed, (image,))
    assert torch.autograd.gradgradcheck(lambda image: changed(image).square(), (image,))


def test_brightness_is_uniform_over_its_range() -> None:
    added = (only(brightness=0.5)(images(4000)) - images(4000)).flatten(1)
    torch.testing.assert_close(added.amax(1), added.amin(1))
    added = added[:, 0]
    assert -0.5 <= added.min() < -0.49
    assert 0.49 < added.max() <= 0.5
    assert added.var().item() == pytest.approx(1 / 12, rel=0.05)


@pytest.mark.parametrize("setting", ["saturation", "contrast"])
def test_factors_are_uniform_over_their_range(setting: str) -> None:
    image = images(4000)
    centre = image.mean(1, keepdim=True) if setting == "saturation" else image.mean((1, 2, 3), keepdim=True)
    factors = ((only(**{setting: 0.8})(image) - centre) / (image - centre)).flatten(1)
    torch.testing.assert_close(factors.amax(1), factors.amin(1))
    factors = factors[:, 0]
    assert 0.2 <= factors.min() < 0.21
    assert 1.79 < factors.max() <= 1.8
    assert factors.var().item() == pytest.approx(0.8**2 / 3, rel=0.05)


def test_shifts_are_as_likely_in_all_directions() -> None:
    torch.manual_seed(0)
    point = torch.zeros(4000, 1, 16, 16)
    point[:, :, 8, 8] = 1
    places = only(translation=0.125)(point)[:, 0].nonzero()[:, 1:]
    assert len(places) == 4000
    for axis in range(2):
        counts = np.bincount(places[:, axis], minlength=16)
        assert counts[6:11].sum() == 4000
        assert counts[6:11].min() > 700  # 800 expected


def test_cut_out_rectangles_have_their_centre_anywhere() -> None:
    torch.manual_seed(0)
    holes = only(cutout=0.5)(torch.ones(9000, 1, 8, 8))[:, 0] == 0
    rows, columns = holes.any(2), holes.any(1)
    assert torch.equal(holes, rows[:, :, None] & columns[:, None, :])
    # A centre on one of nine lines between pixels: from 2 rows at the border to 4 inside.
    for lines in (rows, columns):
        counts = np.bincount(lines.sum(1), minlength=5)
        assert counts[:2].sum() == 0
        np.testing.assert_allclose(counts[2:] / 9000, [2 / 9, 2 / 9, 5 / 9], atol=0.02)


def test_what_is_switched_off_changes_nothing() -> None:
    assert torch.equal(only()(images(20)), images(20))


def test_opacity_moves_with_the_picture_and_keeps_its_values() -> None:
    image = images(20, channels=4)
    assert torch.equal(only(brightness=0.5, saturation=1.0, contrast=0.5)(image)[:, 3], image[:, 3])
    torch.manual_seed(0)
    together = only(translation=0.5)(image)
    torch.manual_seed(0)
    assert torch.equal(only(translation=0.5)(image[:, 3:]), together[:, 3:])


def test_half_precision_goes_in_and_comes_out() -> None:
    image = images(4).to(torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert DiffAugment()(image).dtype == torch.bfloat16


@pytest.mark.parametrize("name", OFF)
@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_a_strength_outside_its_range_is_named(name: str, value: float) -> None:
    with pytest.raises(SettingError, match=rf"augment\.diffaugment\.{name}={value}"):
        only(**{name: value})
