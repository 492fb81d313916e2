"""What photographs are degraded to: the same for the same random numbers, and as other programs do it."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.bicubic import enlarged, reduced, resized
from gan_lightning.data import Grey, Holes, Jpeg, LowResolution, Noise
from gan_lightning.errors import SettingError

EVERY = [Grey(), LowResolution(2), LowResolution(4), Holes(0.3, 2), Noise(20.0), Jpeg(5, 95)]


def picture(seed: int = 0, size: tuple[int, int] = (24, 40)) -> torch.Tensor:
    return torch.randint(256, (3, *size), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("degradation", EVERY, ids=repr)
def test_every_degradation_is_decided_by_its_random_numbers(degradation):
    clean = picture()
    before = clean.clone()
    one, same, other = (degradation(clean, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(clean, before)
    assert one.dtype == torch.uint8
    assert one.shape == (degradation.channels(3), 24 // degradation.scale, 40 // degradation.scale)
    assert torch.equal(one, same)
    draws = not isinstance(degradation, Grey | LowResolution)
    assert torch.equal(one, other) is not draws
    assert one.shape != clean.shape or not torch.equal(one, clean)


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_smaller_and_larger_pictures_are_those_of_pillow(scale):
    image = torch.rand(48, 72, generator=seeded(0))
    for height, width, most in ((48 // scale, 72 // scale, 3e-7), (48 * scale, 72 * scale, 1e-5)):
        theirs = np.asarray(Image.fromarray(image.numpy()).resize((width, height), Image.Resampling.BICUBIC))
        ours = resized(image[None], [height, width])[0]
        torch.testing.assert_close(ours, torch.tensor(theirs), rtol=0, atol=most)
    assert torch.equal(reduced(image[None], scale), resized(image[None], [48 // scale, 72 // scale]))
    assert enlarged(2 * image[None] - 1, scale).abs().max() <= 1
    # Without antialiasing it is another picture.
    aliased = torch.nn.functional.interpolate(image[None, None], scale_factor=1 / scale, mode="bicubic")
    assert (aliased[0] - reduced(image[None], scale)).abs().max() > 0.05


def test_low_resolution_is_rounded_to_what_a_file_would_hold():
    clean = picture(size=(32, 32))
    theirs = Image.fromarray(clean[0].numpy().astype(np.float32)).resize((8, 8), Image.Resampling.BICUBIC)
    expected = np.asarray(theirs).round().clip(0, 255)
    assert torch.equal(LowResolution(4)(clean, seeded(0))[0].float(), torch.tensor(expected))


def test_grey_and_jpeg_are_those_of_pillow():
    clean = picture()
    image = Image.fromarray(clean.permute(1, 2, 0).numpy())
    assert torch.equal(Grey()(clean, seeded(0))[0], torch.tensor(np.asarray(image.convert("L"))))
    file = io.BytesIO()
    image.save(file, format="JPEG", quality=30)
    expected = torch.tensor(np.asarray(Image.open(file))).permute(2, 0, 1)
    assert torch.equal(Jpeg(30, 30)(clean, seeded(0)), expected)
    assert Jpeg()(picture()[:1], seeded(0)).shape == (1, 24, 40)


def test_noise_has_its_deviation_and_holes_their_share():
    grey = torch.full((3, 200, 200), 128, dtype=torch.uint8)
    noise = Noise(10.0)(grey, seeded(0)).float() - 128
    assert noise.std() == pytest.approx(10, rel=0.02)
    white = torch.full((3, 100, 150), 255, dtype=torch.uint8)
    for share, number in ((0.1, 1), (0.4, 1), (0.04, 4)):
        covered = [(Holes(share, number)(white, seeded(seed)) == 128).float().mean() for seed in range(20)]
        assert torch.stack(covered).mean() == pytest.approx(share, rel=0.1)
    for size, share in (((100, 150), 1.0), ((64, 64), 0.9), ((32, 96), 0.25)):  # where a long hole has no room
        covered = [(Holes(share)(torch.zeros(1, *size), seeded(seed)) == 128).float().mean() for seed in range(20)]
        assert min(covered) == pytest.approx(share, rel=0.05)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LowResolution(0), r"dataset\.degradation\.scale=0: a whole number from 1"),
        (lambda: Holes(0.0), r"dataset\.degradation\.share=0\.0: "),
        (lambda: Noise(-1.0), r"dataset\.degradation\.std=-1\.0: a number above 0"),
        (lambda: Jpeg(50, 20), r"dataset\.degradation\.worst=50: allowed is at most dataset\.degradation\.best=20"),
        (lambda: Grey().channels(1), r"degradation=grey takes the colours away and needs pictures of 3 channels"),
        (lambda: Jpeg().channels(4), r"a JPEG has 1 or 3 channels"),
    ],
)
def test_what_cannot_work_is_a_sentence(make, message):
    with pytest.raises(SettingError, match=message):
        make()
