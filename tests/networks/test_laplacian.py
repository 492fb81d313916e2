"""LAPGAN's networks for one level of a pyramid, and the pyramid."""

from functools import partial

import torch
from formulas import count

from gan_lightning.networks import ImageOnly, LaplacianDiscriminator, LaplacianGenerator, LinearHead, NoNorm, OneHot
from gan_lightning.networks.laplacian import doubled, halved


def test_a_level_has_the_papers_size() -> None:
    judge = partial(LaplacianDiscriminator, norm=NoNorm(), image=ImageOnly, head=LinearHead)
    assert count(LaplacianGenerator(3, 32)) == 218_179
    assert count(judge(3, 32)) == 116_545
    conditional = LaplacianGenerator(3, 32, embedder=OneHot(10))
    assert count(conditional) - 218_179 == 10 * 32**2 + 64 * 49  # a plane for each class, and the kernel that sees it


def test_bands_and_the_coarsest_image_are_the_image() -> None:
    torch.manual_seed(0)
    image = torch.rand(4, 3, 32, 32) * 2 - 1
    images, bands = [image], []
    for _ in range(2):
        images.append(halved(images[-1]))
        bands.append(images[-2] - doubled(images[-1]))
    rebuilt = images[-1]
    for band in reversed(bands):
        rebuilt = doubled(rebuilt) + band
    torch.testing.assert_close(rebuilt, image, rtol=0, atol=1e-6)
    assert images[-1].shape == (4, 3, 8, 8)
