"""KID against an independent computation, and what its definition promises."""

from pathlib import Path

import numpy as np
import pytest
import torch
from extractors import Linear
from torch import Tensor

from gan_lightning.data import TensorImages
from gan_lightning.metrics import KernelDistance, RealSide
from gan_lightning.metrics.scores import kernel


def pictures(n: int, seed: int, brightest: int = 256) -> Tensor:
    return torch.randint(brightest, (n, 3, 16, 16), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)


def scored(folder: Path, real: Tensor, fake: Tensor, subsets: int, size: int, batch: int = 16) -> KernelDistance:
    """After `reset` and `update` with samples that come in an order of their own."""
    extractor = Linear()
    held = TensorImages(real, {}, None, [])
    extractor.prepare(held, held)
    score = KernelDistance(subsets, size)
    score.begin(RealSide(held, extractor, len(fake), folder, num_workers=0, alone=True))
    score.reset(torch.device("cpu"))
    for number in torch.randperm(len(fake), generator=torch.Generator().manual_seed(batch)).split(batch):
        score.update(number, extractor(fake[number]).features)
    return score


def by_hand(x: np.ndarray, y: np.ndarray) -> float:
    """The unbiased estimate as a mean over pairs, each written out."""
    kernel_of = lambda a, b: (a @ b / len(a) + 1) ** 3  # noqa: E731
    same = [
        np.mean([kernel_of(a, b) for i, a in enumerate(side) for j, b in enumerate(side) if i != j]) for side in (x, y)
    ]
    return float(sum(same) - 2 * np.mean([kernel_of(a, b) for a in x for b in y]))


def features(image: Tensor) -> np.ndarray:
    extractor = Linear()
    extractor.prepare(*[TensorImages(image, {}, None, [])] * 2)
    return extractor(image).features.double().numpy()


def test_all_images_in_one_subset_give_the_unbiased_estimate(tmp_path):
    real, fake = pictures(20, seed=1), pictures(20, seed=2, brightest=200)
    score = scored(tmp_path, real, fake, subsets=1, size=1000)
    assert score.protocol()["kid"]["subset_size"] == 20
    assert score.compute() == pytest.approx(by_hand(features(real), features(fake)), rel=1e-5)


def test_subsets_are_averaged_and_always_the_same(tmp_path):
    real, fake = pictures(20, seed=1), pictures(24, seed=2, brightest=200)
    score = scored(tmp_path, real, fake, subsets=3, size=6)
    random = torch.Generator().manual_seed(0)
    x, y = features(real), features(fake)
    each = []
    for _ in range(3):
        one, other = (side[torch.randperm(len(side), generator=random)[:6].numpy()] for side in (x, y))
        each.append(by_hand(one, other))
    assert score.compute() == pytest.approx(np.mean(each), rel=1e-5)
    assert score.detail["deviation"] == pytest.approx(np.std(each), rel=1e-4)
    torch.manual_seed(5)
    assert scored(tmp_path, real, fake, subsets=3, size=6, batch=5).compute() == pytest.approx(np.mean(each), rel=1e-5)


def test_the_mean_over_images_of_one_kind_is_zero_with_values_of_both_signs(tmp_path):
    values = [scored(tmp_path, pictures(40, 2 * i), pictures(40, 2 * i + 1), 1, 40).compute() for i in range(30)]
    assert min(values) < 0 < max(values)
    assert abs(np.mean(values)) < 3 * np.std(values) / 30**0.5
    assert scored(tmp_path, pictures(40, 0), pictures(40, 1, brightest=128), 1, 40).compute() > 5 * max(values)


def test_only_the_first_samples_and_some_of_all_real_images_count(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel, "IMAGES", 10)
    real, fake = pictures(30, seed=1), pictures(30, seed=2)
    score = scored(tmp_path, real, fake, subsets=1, size=1000)
    facts = score.protocol()["kid"]
    assert (facts["num_real"], facts["num_fake"], facts["subset_size"]) == (10, 10, 10)
    fake[10:] = 0
    other = scored(tmp_path, real, fake, subsets=1, size=1000, batch=7).compute()
    assert score.compute() == pytest.approx(other, rel=1e-5)  # matrices of other shapes are rounded otherwise
