"""MS-SSIM within classes: against the definition from SSIM, pairs, and what it tells."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torchmetrics.functional.image import structural_similarity_index_measure

from gan_lightning.data import TensorImages
from gan_lightning.metrics import RealSide, SimilarityWithinClasses
from gan_lightning.metrics.scores.structural_similarity import WEIGHTS, pairs_of, scale_weights


def scored(folder: Path, images: Tensor, asked: Tensor | None, batch: int = 16, pairs: int = 20) -> float:
    score = SimilarityWithinClasses(pairs)
    score.begin(RealSide(TensorImages(images, {}, None, []), None, len(images), folder, 0, alone=True, asked=asked))
    score.reset(torch.device("cpu"))
    for number in torch.randperm(len(images), generator=torch.Generator().manual_seed(batch)).split(batch):
        score.update(number, images[number])
    return score.compute()


def smooth(n: int, side: int) -> Tensor:
    coarse = torch.rand(n, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    return (255 * F.interpolate(coarse, size=(side, side), mode="bicubic").clamp(0, 1)).to(torch.uint8)


def test_one_scale_is_ssim_and_two_scales_are_weighted(tmp_path):
    for side in (16, 32):
        pair = smooth(2, side)
        one, other = (part.double() for part in pair.split(1))
        full, contrast = structural_similarity_index_measure(
            one, other, data_range=255.0, return_contrast_sensitivity=True
        )
        expected = float(full.relu())
        if side == 32:
            small = structural_similarity_index_measure(F.avg_pool2d(one, 2), F.avg_pool2d(other, 2), data_range=255.0)
            total = sum(WEIGHTS[:2])
            expected = float(contrast.relu() ** (WEIGHTS[0] / total) * small.relu() ** (WEIGHTS[1] / total))
        assert 0.02 < expected < 0.98
        assert scored(tmp_path, pair, None) == pytest.approx(expected, rel=1e-3)


def test_pairs_are_within_classes_and_few_images_are_in_many():
    pairs = pairs_of(torch.arange(0, 40, 2), 30)
    assert pairs.shape == (30, 2)
    assert (pairs % 2 == 0).all()
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert pairs.flatten().bincount().max() == 3
    assert [len(scale_weights((side, 300))) for side in (11, 22, 44, 88, 176)] == [1, 2, 3, 4, 5]
    assert sum(scale_weights((64, 64))) == pytest.approx(1)


def test_a_class_that_has_collapsed_is_seen_and_the_batches_are_not(tmp_path):
    images = smooth(40, 16)
    asked = torch.arange(2)
    diverse = scored(tmp_path, images, asked)
    assert scored(tmp_path, images, asked, batch=3) == diverse
    collapsed = images.clone()
    collapsed[1::2] = images[1]
    assert scored(tmp_path, collapsed, asked) == pytest.approx((diverse + 1) / 2, abs=0.15)
    assert scored(tmp_path, collapsed, asked) > diverse + 0.2
    assert scored(tmp_path, images[:1].expand(40, -1, -1, -1), None) == pytest.approx(1)


def test_what_cannot_be_compared_is_told(tmp_path):
    small = TensorImages(smooth(4, 8), {}, None, [])
    assert "windows of 11 pixels" in str(SimilarityWithinClasses(2).lacks(RealSide(small, None, 4, tmp_path, 0)))
    single = TensorImages(smooth(4, 16), {}, None, [])
    assert "num_fake=2" in str(SimilarityWithinClasses(2).lacks(RealSide(single, None, 1, tmp_path, 0)))
    lacks = SimilarityWithinClasses(2).lacks
    three = RealSide(single, None, 3, tmp_path, 0, asked=torch.tensor([1, 0, 2]))
    assert lacks(three) == "compares pairs of samples of one class; choose num_fake=4 or more"
    assert lacks(replace(three, num_fake=4)) is None
    assert lacks(replace(three, asked=torch.tensor([1, 0, 1]))) is None
