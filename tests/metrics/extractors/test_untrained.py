"""The untrained network: normalised on training images, keyed by its seed, and what its Frechet distance sees."""

import pytest
import torch
from torch import Tensor
from torchvision.transforms.functional import gaussian_blur

from gan_lightning.data import TensorImages
from gan_lightning.metrics import FrechetDistance, RandomExtractor


def textures(n: int, seed: int) -> Tensor:
    """Pictures (n, 3, 32, 32) of soft grains of all brightnesses, uint8."""
    random = torch.Generator().manual_seed(seed)
    grain = torch.randn(n, 3, 32, 32, generator=random)
    shade = torch.rand(n, 3, 1, 1, generator=random)
    return (90 + 70 * shade + 30 * gaussian_blur(grain, [3, 3], [0.6, 0.6])).clamp(0, 255).byte()


def prepared(images: Tensor, seed: int = 0, count: int = 2000) -> RandomExtractor:
    extractor = RandomExtractor(count, seed)
    held = TensorImages(images, {}, None, [])
    extractor.prepare(held, held)
    return extractor


@pytest.fixture(scope="module")
def extractor() -> RandomExtractor:
    return prepared(textures(256, seed=0))


def frechet(a: Tensor, b: Tensor) -> float:
    """|m - n|² + tr(A + B - 2 (A^½ B A^½)^½), by eigenvalues of symmetric matrices."""
    first, second = torch.cov(a.T), torch.cov(b.T)
    values, vectors = torch.linalg.eigh(first)
    root = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
    inner = torch.linalg.eigvalsh(root @ second @ root).clamp(min=0).sqrt().sum()
    return float((a.mean(0) - b.mean(0)).square().sum() + first.trace() + second.trace() - 2 * inner)


def test_the_features_of_training_images_have_mean_zero_and_variance_one(extractor):
    features = extractor(textures(256, seed=0)).features
    assert features.shape == (256, extractor.num_features)
    assert features.mean(0).abs().max() < 0.1  # each part was normalised by its own moments while it was counted
    assert (features.var(0) - 1).abs().max() < 0.4
    assert extractor(textures(4, seed=0)).logits is None


def test_blur_and_noise_are_farther_away_the_more_there_is_of_them(extractor):
    real, other = textures(512, seed=1), textures(512, seed=2)
    random = torch.Generator().manual_seed(3)
    noise = torch.randn(other.shape, generator=random)

    def distance(images: Tensor) -> float:
        return frechet(*(extractor(x).features.double() for x in (real, images)))

    for changed in (
        [gaussian_blur(other, [9, 9], [sigma, sigma]) for sigma in (0.5, 1.0, 2.0)],
        [(other + strength * noise).clamp(0, 255).byte() for strength in (10, 20, 40)],
    ):
        distances = [distance(other), *map(distance, changed)]
        assert distances == sorted(distances)
        assert distances[-1] > 5 * distances[0]


def test_weights_depend_on_the_seed_and_features_on_nothing_but_the_image(extractor):
    images = textures(256, seed=0)
    assert prepared(images).weights_hash() == extractor.weights_hash() != prepared(images, seed=1).weights_hash()
    few = images[:5]
    one_by_one = torch.cat([extractor(image[None]).features for image in few])
    torch.testing.assert_close(extractor(few).features, one_by_one, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(extractor(few.float()).features, extractor(few).features)
    assert not extractor.training
    assert not any(parameter.requires_grad for parameter in extractor.parameters())


def test_grey_and_transparent_pictures_are_seen_as_colours(extractor):
    grey = textures(2, seed=4)[:, :1]
    torch.testing.assert_close(extractor(grey).features, extractor(grey.expand(-1, 3, -1, -1)).features)
    colour = textures(2, seed=4)
    with_alpha = torch.cat([colour, grey], 1)
    torch.testing.assert_close(extractor(with_alpha).features, extractor(colour).features)


def test_images_are_spread_over_the_training_set():
    dark_then_bright = torch.cat([textures(65, seed=5) // 2, textures(65, seed=6)])
    apart = prepared(dark_then_bright, count=2)
    same = prepared(dark_then_bright[[0, 65]])
    assert apart.weights_hash() == same.weights_hash()


def test_a_frechet_distance_can_be_asked_of_it(extractor):
    assert FrechetDistance().fewest(extractor) == 65
