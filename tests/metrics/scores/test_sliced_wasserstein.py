"""swd against an independent computation; its independence of batches, order and counts; what it sees and what not."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import ndimage, stats
from torch import Tensor

from gan_lightning.data import TensorImages
from gan_lightning.metrics import RealSide
from gan_lightning.metrics.scores import sliced_wasserstein
from gan_lightning.metrics.scores.sliced_wasserstein import SlicedWasserstein


def pictures(n: int, channels: int = 3, size: tuple[int, int] = (32, 32), seed: int = 0) -> Tensor:
    """Coloured discs at random places."""
    random = torch.Generator().manual_seed(seed)
    y, x = (torch.arange(side).view(shape) for side, shape in zip(size, [(-1, 1), (1, -1)], strict=True))
    centre, radius = torch.rand(n, 2, 1, 1, generator=random), 4 + 6 * torch.rand(n, 1, 1, generator=random)
    inside = ((y - centre[:, 0] * size[0]) ** 2 + (x - centre[:, 1] * size[1]) ** 2) < radius**2
    colours = torch.randint(256, (2, n, channels, 1, 1), generator=random)
    return torch.where(inside[:, None], *colours).to(torch.uint8)


def held(images: Tensor) -> TensorImages:
    return TensorImages(images, {}, None, [])


def begun(real: Tensor, num_fake: int, folder: Path) -> SlicedWasserstein:
    swd = SlicedWasserstein()
    swd.begin(RealSide(held(real), None, num_fake, folder, num_workers=0))
    return swd


def score(folder: Path, real: Tensor, fake: Tensor, batch: int = 64) -> tuple[float, dict[str, float]]:
    """swd and its levels, of samples that come in an order of their own."""
    swd = begun(real, len(fake), folder)
    swd.reset(torch.device("cpu"))
    for number in torch.randperm(len(fake), generator=torch.Generator().manual_seed(batch)).split(batch):
        swd.update(number, fake[number])
    return swd.compute(), swd.detail["by_level"]


# --- the score ---


def test_score_equals_an_independent_computation(tmp_path):
    """numpy and scipy alone, from the places of the patches and the directions on."""
    real, fake = pictures(150), pictures(70, seed=1)
    _, by_level = score(tmp_path, real, fake)
    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
    for level, name in enumerate(by_level):
        sides = []
        for images in (real, fake):
            cut = []
            for image, places in zip(
                images.double().numpy(), sliced_wasserstein._corners(len(images), 2)[:, :, level], strict=True
            ):
                smaller = np.stack([ndimage.convolve(c, kernel, mode="mirror")[::2, ::2] for c in image])
                spread = np.zeros_like(image)
                spread[:, ::2, ::2] = smaller
                lost = image - np.stack([ndimage.convolve(c, 4 * kernel, mode="mirror") for c in spread])
                seen = (lost, smaller)[level]
                for y, x in (places.numpy() * (seen.shape[1] - 6)).astype(int):
                    cut.append(seen[:, y : y + 7, x : x + 7])
            sides.append(np.stack(cut))
        mean, deviation = sides[0].mean((0, 2, 3), keepdims=True), sides[0].std((0, 2, 3), keepdims=True)
        a, b = (((side - mean) / deviation).reshape(len(side), -1) for side in sides)
        directions = torch.randn(147, 128, generator=torch.Generator().manual_seed(level)).double().numpy()
        directions /= np.linalg.norm(directions, axis=0)
        theirs = np.mean([stats.wasserstein_distance(a @ d, b @ d) for d in directions.T])
        assert by_level[name] == pytest.approx(1000 * theirs, rel=1e-4)


def test_brighter_samples_are_as_far_as_the_shift(tmp_path):
    """A shift by s grey levels moves every projection by s times the sum of the direction, divided by the deviation."""
    real = pictures(100, channels=1, size=(16, 16)) // 2
    value, by_level = score(tmp_path, real, real + 50)
    directions = torch.randn(49, 128, generator=torch.Generator().manual_seed(0), dtype=torch.float32)
    shares = (directions / directions.norm(dim=0)).sum(0).abs().mean()
    (facts,) = begun(real, 100, tmp_path).real
    assert value == pytest.approx(float(1000 * 50 * shares / facts["deviation"][0]), rel=1e-3)
    assert by_level == {"16x16": value}


def test_score_does_not_depend_on_batches_or_order(tmp_path):
    real, fake = pictures(150), pictures(70, seed=1)
    first = score(tmp_path, real, fake, batch=70)
    for batch in (1, 32):
        value, by_level = score(tmp_path, real, fake, batch)
        assert value == pytest.approx(first[0], rel=1e-6)
        assert by_level == pytest.approx(first[1], rel=1e-6)


def test_real_images_themselves_score_zero_and_damage_is_ordered(tmp_path):
    real = pictures(200)
    random = torch.Generator().manual_seed(9)
    noise = torch.randn(real.shape, generator=random)
    assert score(tmp_path, real, real)[0] == 0
    others = score(tmp_path, real, pictures(200, seed=1))[0]
    noisy = [score(tmp_path, real, (real + s * noise).clamp(0, 255).to(torch.uint8))[0] for s in (10, 40, 160)]
    blurred = torch.nn.functional.avg_pool2d(real.float(), 5, stride=1, padding=2).to(torch.uint8)
    grey = torch.full_like(real, 128)
    assert others < noisy[0] < noisy[1] < noisy[2]
    assert others < score(tmp_path, real, blurred)[0] < score(tmp_path, real, grey)[0]
    assert others < score(tmp_path, real, real // 2)[0]  # less contrast


def test_few_real_pictures_and_more_or_fewer_samples_serve(tmp_path):
    real, fake = pictures(40), pictures(500, seed=1)
    many, few = score(tmp_path, real, fake)[0], score(tmp_path, real, fake[:30])[0]
    noise = torch.randint(256, (30, 3, 32, 32), dtype=torch.uint8)
    assert max(many, few) < 0.3 * score(tmp_path, real, noise)[0]


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_any_channels_serve_and_opaque_pictures_too(tmp_path, channels):
    real, fake = pictures(60, channels), pictures(50, channels, seed=1)
    real[:, -1], fake[:, -1] = 255, 255
    assert 0 <= score(tmp_path, real, fake)[0] < 10_000
    fake[:, -1] = 0
    assert score(tmp_path, real, fake)[0] > 10_000


def test_only_the_first_samples_and_some_of_all_real_images_count(tmp_path, monkeypatch):
    monkeypatch.setattr(sliced_wasserstein, "IMAGES", 50)
    dark, bright = pictures(100) // 4, 192 + pictures(100, seed=1) // 4
    real = torch.cat([dark, bright])  # as folders of classes are read
    swd = begun(real, 200, tmp_path)
    assert (swd.num_real, swd.num_fake) == (50, 50)
    mixed = score(tmp_path, real, torch.stack([dark, bright], 1).flatten(0, 1))[0]
    assert mixed < 0.8 * score(tmp_path, real, real)[0]  # whose first fifty are all dark


def test_real_side_is_read_once(tmp_path, monkeypatch):
    real, fake = pictures(60), pictures(50, seed=1)
    first = score(tmp_path, real, fake)
    monkeypatch.setattr(SlicedWasserstein, "_real_side", lambda *_: pytest.fail("read again"))
    assert score(tmp_path, real, fake) == first
