"""PSNR and SSIM as papers on super-resolution measure them."""

import pytest
import torch

from gan_lightning.metrics import PSNR, SSIM
from gan_lightning.metrics.scores.fidelity import MOST_DECIBELS, luma


def picture(size: int = 40, batch: int = 2) -> torch.Tensor:
    return torch.randint(256, (batch, 3, size, size), generator=torch.Generator().manual_seed(0)).float()


@pytest.mark.parametrize("error", [1.0, 5.0, 25.0])
def test_psnr_of_a_uniform_error(error):
    image = picture()
    expected = torch.full((2,), 20).double() * torch.log10(torch.tensor(255 / error).double())
    torch.testing.assert_close(PSNR(luma=False)(image, image + error, 0), expected)
    # Brightness spreads 255 levels over 219.
    bright = 20 * torch.log10(torch.tensor(255 / (error * 219 / 255)).double())
    torch.testing.assert_close(PSNR(luma=True)(image, image + error, 0), bright.expand(2), rtol=1e-4, atol=0)
    assert PSNR(luma=True)(image, image, 0).tolist() == [MOST_DECIBELS] * 2


def test_luma_is_that_of_video():
    black, white, red = (torch.tensor(colour).float().view(1, 3, 1, 1) for colour in ([0] * 3, [255] * 3, [255, 0, 0]))
    assert [float(luma(colour)) for colour in (black, white, red)] == pytest.approx([16, 235, 81.481], abs=1e-3)
    assert luma(white[:, :1]).item() == pytest.approx(235)
    grey = torch.tensor([100.0, 255.0]).view(1, 2, 1, 1)  # and opaque
    torch.testing.assert_close(luma(grey), luma(grey[:, :1]))


@pytest.mark.parametrize("score", [PSNR(luma=True), PSNR(luma=False), SSIM(luma=True), SSIM(luma=False)])
def test_the_border_does_not_count_and_pictures_count_alone(score):
    image = picture()
    noisy = (image + 20 * torch.randn(image.shape, generator=torch.Generator().manual_seed(1))).clamp(0, 255)
    spoilt = noisy.clone()
    spoilt[:, :, :4], spoilt[:, :, -4:], spoilt[..., :4], spoilt[..., -4:] = 0, 0, 0, 0
    expected = score(noisy[..., 4:-4, 4:-4], image[..., 4:-4, 4:-4], 0)
    torch.testing.assert_close(score(spoilt, image, 4), expected)
    assert (score(spoilt, image, 0) < score(noisy, image, 0)).all()
    torch.testing.assert_close(score(noisy[1:], image[1:], 4), expected[1:])


def test_ssim_is_that_of_windows_inside():
    """Equals the definition, written out for every window of 11 pixels."""
    one, two = picture(14, 1)[:, :1].double(), picture(14, 1)[:, 1:2].double()
    line = torch.exp(-((torch.arange(11).double() - 5) ** 2) / (2 * 1.5**2))
    weight = torch.outer(line, line) / line.sum() ** 2
    found = []
    for y in range(4):
        for x in range(4):
            a, b = (image[0, 0, y : y + 11, x : x + 11] for image in (one, two))
            mean_a, mean_b = (weight * a).sum(), (weight * b).sum()
            var_a, var_b = (weight * (a - mean_a) ** 2).sum(), (weight * (b - mean_b) ** 2).sum()
            both = (weight * (a - mean_a) * (b - mean_b)).sum()
            c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
            found.append(
                (2 * mean_a * mean_b + c1) * (2 * both + c2) / (mean_a**2 + mean_b**2 + c1) / (var_a + var_b + c2)
            )
    assert SSIM(luma=False)(one, two, 0).item() == pytest.approx(torch.stack(found).mean().item(), rel=1e-6)
